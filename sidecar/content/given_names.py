"""Given names of many languages, which a small model that was trained on news does not know.

`ALONE` are of no other meaning that a text may well hold: each tells a person by itself. `BEFORE` are words, places
and products, too: they count with another name behind them. What is a frequent word, place or program is in neither.
"""

from typing import Final

_ALONE_WORDS: Final = """
aaliyah aarav abdullah abdulrahman abena abhishek abimbola adaeze adebayo adewale adriana adwoa agnieszka ahmad ahmed
aiko ailsa aisha aishwarya aislinn ajay akash akiko akinyi akosua akshay alan alberto alejandra alejandro aleksander
aleksandr aleksandra alena alessandra alessandro alessia alfonso alhassan alisha alison alistair aliyah allison alonso
alvaro amadou amandine amara amelia amina amir amit amrita ana anahita anand ananya anastasia anaïs anders andrea
andreas andrei andrej andrew andrey andriy andrzej andré aneta angela angelica angelika anh anika anil anisha anita
anja anjali anke anna annabelle anneke anneliese annemarie annette annika annkathrin anouk antje antoine antoinette
anton antonella antonina antonio antónio anushka arash arjun armando arnaud arne arturo arun arvid asha ashok ashraf
ashwin asif astrid asuka auke aurélie aurélien awa axelle ayaan ayaka ayesha aylin ayo ayodele ayumi ayşe aziz azza
babajide babatunde bartosz bartłomiej beata beate beatrice beatriz benedikt benjamin bernadette bernd bernhard
bertrand beyza bhavna bianca bilal birgit björn bjørn boris bożena branislav brayden brendan brian brianna brigitte
britta bronwyn bruna caio caitlin caleb callum camila camilla camille carlos carmela carolina caroline caterina
catherine cathrine cecilia cedric charlène chiamaka chiara chidi chiedu chiedza chike chinedu chinonso chinwe chioma
chloe chloé christelle christiane christina christine christophe christopher chukwuemeka cillian claire claudia
claudio clive clémence clément conchita connor constanza coralie corinna corinne cornelia cristian cristiano cristina
cristóbal cyril czesław cécile cédric daan dafydd dagmar daisuke dalia damian damien damilola damir daniel daniela
daniele danielle daniil danijel danilo danuta daria dariusz darren daryna davide debora deborah deepa deepak deepika
deirdre delphine demetrios denise derek devika dewi diego dieter dilip dimitra dimitri dimitrios dina dinesh divya
dmitri dmitriy dmitry dolores dominik dominika dominique doreen dorota dorothea dorothy douglas dragan dragana duc
duncan désirée ebba edith eduarda eduardo edward edyta ehsan eileen ekaterina elaine eleanor elena eleni eleonora elif
elisa elisabeth elizabeth elke ella ellen elodie eloise elżbieta emeka emil emilia emiliano emilie emily emma emmanuel
enrico enrique enzo erik erika ernestine ernesto esmeralda esperanza esra esteban estelle esther etienne eugenia eva
evelina evelyn evgeny ewa fabian fabien fabienne fabio fabiola fabrice fadi faisal farah farhan farid fatima fatimah
fatma fatoumata federica federico feliciano felicity felipe femke ferenc fernanda fernando filip filippo finnegan
fiona florian floriane fran francesca francesco francine francisca francisco franck franziska françois françoise
frederic frederik freja friedrich frédéric frédérique fumiko gabriela gabriele gabriella gabrielle gareth gauthier
gaël gaëlle geert geoffrey georgina georgios gerald geraldine gerard gerhard germán gertrude ghassan giacomo gianluca
gianna gideon gillian gintaras giorgia giorgio giovanna giovanni giulia giulio giuseppe gonzalo graham grainne
graziella greta gretchen grzegorz gráinne gudrun guido guilherme guillaume guillermo gunnar gustavo gwendolyn gyula
györgy gérard günter günther habiba hadiza haider hamid hamza hana hanako hannah hannelore hans haruka haruki haruto
hassan heather hedwig heidi heike heikki heinrich heinz helen helena helene helga helmut hendrik henrik henrike
henrique herbert hermann hernán hideki hilde hiroko hiroshi hoang holger hortense hubert hussein hyejin hyun håkan
håvard hélène ibrahim ichiro ifeanyi ifeoma ignacio igor ikenna ilaria ilse ilya imani imran inga ingeborg ingrid
inmaculada inês ioana ioannis irene irfan irina isabel isabela isabella isabelle isadora ismail istván ivan ivana
ivanka iveta iwona izabela jaakko jacek jacqueline jadwiga jae jakob jakub jamal jamila jana janelle janette janina
janine jarosław jasmina jason javier jayden jeanette jeanne jeffrey jelena jens jeremy jerome jerzy jesper jessica
jesús jiahui jianhua jill jitendra jiří joachim joana joanna joanne joaquín jochen johan johann johanna johannes
jolanta jonas jonathan joost jorge jose josef josefa josefina joseph josephine josh joshua josip josé jovana joyce
joão juan juana juanita judith juliana julie julien juliette julio justyna jutta jyoti jérémy jérôme jörg jürgen kaan
kaito kamala kamil kamila kamran karel karen karim karin karina karl karla karlheinz karolina karoline karsten kasia
kaspar katarina katarzyna katharina katherine kathleen kathrin kathryn katja katrin katsumi kavita kavya kayla
kazimierz kazuki keiko kelechi kelly kemal kenji kenneth kenta kerstin kevin khadija khadijah khaled khalid khanh
kieran kimberly kinga kiran kirsten kirsty klara klaudia klaus klára kofi kourosh kristin kristina kristine kristof
kristoffer krisztina krystyna krzysztof kwabena kwadwo kwaku kwame kyle kyoko lakshmi lamin lars lasse latisha laura
laurence laurent laurie layla lech leila leilani leire lenka leonard leonardo leonie leonor leopold leszek leticia
letícia lidia liesbeth ligaya liisa lilian liliana lilla lina linda lindiwe linh linnea lisa lise liselotte livia
ljubica lorena lorenzo lotte louisa louise luca lucas lucia lucie lucinda lucía ludmila ludovic luigi luis luisa
luisana luka lukas lupita lutz luís lydia maarten maciej maddalena madeleine magda magdalena magnus mahmoud mahmud
maike maja makoto maksim maksym malak malgorzata mallory mamadou manfred manish manisha manju manoj manon manuel
manuela marcel marcela marcelo marcin marco marcos marek margaret margareta margarida margarita margaux margherita
margit margot margrit maria mariah mariam mariana marianna marianne maribel marie marieke mariela marija marijke
marika marilyn marisol marissa marit mariusz marjan marjorie markus marlene martha martina mary maryam maría masako
masato mateo mateus mateusz mathias mathieu mathilde matilde matteo matthew matthias matthieu matti matías maureen
maurice mauricio maurizio maxime maximilian mayumi małgorzata meera megan mehdi mehmet mei meike melanie melinda
melissa merve michael michaela michał michel michela michele michelle michiko miguel mihai mikael mikel mikhail mikko
milan milena milica miloš minh minjun mira miranda mireille miriam mirjam miroslav miroslava mitsuko mohamed mohammad
mohammed mohan mohsen moira momoko monica monika monique morgane moritz morten moses moshe muhammad mukesh murat
mustafa myriam márcia márta mélanie nadezhda nadia nadine nagisa naoko naomi narges natalia natalie nataliya natasha
nathalie nathan nathaniel neha nergis ngozi nguyễn niamh nicholas nicola nicolas nicole nicolò niels nigel nikhil
nikita niklas nikola nikolai nikolaos nikolaus nils nina nisha nitin njeri nkechi nneka noah noam nomvula norbert
noriko norma noémie nuno nuria nurul obinna octavia oksana ola olaf olamide oleg oleksandr olena olga olivia olivier
oluwaseun oluwatobi omar omari ondřej onyeka orla orlando oskar osvaldo otto ousmane oyinkansola oğuz paola paolo
parisa parvati pascale patrice patricia patricio patrick patrycja patrícia paul paula paulina pauline paulo pavel
paweł pedro peggy penelope pernille petr petros philipp philippa philippe phillip phoebe pia pierre pierrick pieter
pietro pilar piotr pooja poonam pradeep prakash pranav prasad preeti priscilla priya priyanka przemysław quang quentin
rachel rachid radek radosław rafael rafał raffaele rahul raimund rainer raisa raj rajeev rajesh rakesh ralf ramesh
ramiro ramón raphaël raquel rasmus raymond raúl rebecca reina reiner reinhard renata renate renaud renee renée reza
ricardo riccardo richard riikka rita ritu robert roberta roberto rocío roderick rodrigo rohan rohit roisin roland rolf
romain ronald rosalia rosalind roxana roya ruben rubén ruth ryan ryo ryszard régine róisín saba sabina sabine sabrina
sachiko saeed sagal saida sakura salma salvatore samantha samira samuel sandeep sandra sandrine sanjay sanna santosh
saoirse sara sarah sascha satoshi satu saurabh sayaka saïd sebastian sebastião selin selma seoyeon serena serge sergei
sergey sergio sergiy shabnam shahid shannon shanthi sharon shauna sheila shinji shira shirin shirley shivani shreya
shu siddharth sigrid silke silvia silvio simon simona simone sinéad siobhan siobhán sipho sofie sofía solange solveig
somchai sonali sonia sonja sophia sophie sota soumya stacy stanisław stefan stefanie stefano steffen stelian stephan
stephanie stephen steven stuart stéphane stéphanie subhash suman sunil sunita suresh surya susan susana susanna
susanne suzanne suzuka svein sven svenja svetlana sylvain sylvia sylvie szilvia szymon sébastien søren tadashi tadeusz
takahiro takashi takeshi takuya tamara tamika tamsin tanja tarek tariq tatiana tatyana temitope teresa tereza thandiwe
thea theodora theodore theresa thi thiago thibault thierry thomas thorsten thérèse thảo tiago tiffany tihana tim
timothy tobias todd tomasz tomislav tomoko tomás tomáš torsten tove trevor trinh trisha tristan trond tuan tyler
tyrone uchenna ulla ulrich ulrike umar ursula usha ute uwe vaibhav valentina valeria valerie valérie vanesa vanessa
varun vasile vasiliki vasyl venkatesh vera veronica veronika verónica vicente vidya vijay vikram viktor viktoria vilma
vincent vincenzo vinod virginie vishal vito vivek viviana vivienne vlad vladimir volker volodymyr waltraud wangari
wanjiru wei wendy werner wilfried wilhelm willem wim winfried wojciech wolfgang xander xavier xiaoli xiaoling xiaoming
ximena yael yan yana yasmin yasmine yasuko yaw yetunde yevgeny ying yohannes yoko yolanda yosef yousef youssef yuki
yukiko yulia yun yuri yusuf yves yvette yvonne zahra zainab zanele zara zbigniew zdeněk zeynep zineb zodwa zofia
zoltán zsolt zsuzsanna zsófia zuzana çağla élodie émilie étienne łukasz
"""
ALONE: Final = frozenset(_ALONE_WORDS.split())
_BEFORE_WORDS: Final = """
abigail ada adam adrian aidan akira albert alex alexander alexandra alexandre alexis alfred ali alice alicia alina
allan amanda amy angelo anne annie anthony ariel arthur ashley audrey ava barbara barry becky bella ben bernard beth
bethany betty beverly bob bonnie brad bradley brandon brenda brent brett bridget bruce bruno bryan carina carl carla
carlo carmen carol carrie catalina cathy cesar charles charlie cheryl chris christa christian chuck cindy clara claude
cody colin colleen craig curtis cynthia dave david debbie dennis diana diane donald donna doris doug duane dwayne
dylan ebony eddie edgar edwin eli elias elijah elliot elliott elmer elsa eric erica erin ernest ethan eugene eunice
evan felix francis fred gabriel garrett gary gavin gemma george gilbert gina glenda glenn gloria gordon greg gregory
guadalupe hailey haley hank harriet harry harvey hayden henri henry howard hugh hugo ian ida isaac isaiah jackie jacob
jake james jamie jane janet janice jared jasmine jasper jean jeff jenna jennifer jenny jerry jesse jim jimmy joan
joanie joe joel john johnny jon judy julia julian justin kara kate kathy katie kay keith kelvin kerry kim krishna
kristen kurt larry lauren lawrence leah lee lena leo leon leroy leslie lewis liam lily lois loretta lori louis lucy
luke lynn mabel mackenzie malcolm malik mandy mara marc marcus marie-claire marina mario marion marlon martin marvin
matt mercedes mia mikayla mike mila mildred milton mitchell molly morgan muriel myrtle nancy neil nelson nick nora
norman oliver oscar owen paige paloma pam pamela paz peter petra phil philip phyllis quinn ralph ramon randall randy
reginald rhonda rick riley robin rodney roger roman ron rosa rosario rosemary ross roy russell sally salvador sam
sammy santiago scott sean seth shane shawn sheldon skye sofia stanley steve suzy tammy tara ted terence teri terry
tina tom tommy toni tony tracey tracy travis tuomas valentin verna vernon vicky vivian wallace walter wanda warren
wayne wesley william winston yasin zach zachary zane zoe zoé
"""
BEFORE: Final = frozenset(_BEFORE_WORDS.split())
