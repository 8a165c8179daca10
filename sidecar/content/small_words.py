"""Small words of languages other than English, with which and between which sentences go on.

As with those of English (`content.plain`), no name of a person, a place, a day or a month is among them. An article or
a preposition that names hold, too (`La Paz`, `de la Cruz`), counts only where the next word begins with a small letter.
"""

from typing import Final

# Of German, where the next word often has a capital.
_GERMAN: Final = """
aber alle allerdings alles als also am an andere andererseits anders anschließend auch auf aufgrund aus außerdem bei
beide beim bereits besonders besser bevor bis bisher bitte da dabei dadurch dafür dagegen daher damit danach daneben
dann daran darauf daraus darüber darum das dass dasselbe davon davor dazu dein deine dem den denn dennoch der deren
derzeit deshalb dessen deswegen die dies diese diesem diesen dieser dieses doch dort durch ebenfalls ebenso eigentlich
ein eine einem einen einer eines einfach einige einmal entweder er erst es etwa etwas euch euer falls fast ferner für
ganz gegen gemäß genau genug gern gerne gestern gleich grundsätzlich gut hat hatte hatten heute hier hierbei hierfür
hallo
hiermit hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem infolge insgesamt ist ja jede jedem jeden
jeder jedes jedoch jetzt kann kaum kein keine keinen keiner können könnte kurz lassen laut leider letztlich man manche
manchmal mehr mein meine meinen meist meistens mit mittlerweile möchte muss müssen nach nachdem natürlich neben nein
nicht nichts nie niemand noch normalerweise nun nur ob obwohl oder oft ohne schließlich schon sehr sei seid sein seine
seinem seinen seiner seit seitdem selbst sich sie sind so sobald sofern sogar solche soll sollen sollte sollten somit
sondern sonst soweit sowie sowohl später statt stattdessen tatsächlich teilweise trotz trotzdem über überall um und
ungefähr uns unser unsere unter viel viele vielleicht vielen vom vor vorher während wann war waren warum was wegen weil
weiter weitere weiterhin welche welcher welches wenig wenige wenn wer werden wie wieder wir wird wo wobei wodurch
wofür worden wurde wurden würde würden ziemlich zuerst zudem zuletzt zum zunächst zurück zusammen zusammenfassend
zusätzlich zwar zwischen
"""
# Of French, Spanish, Italian and Dutch.
_OTHERS: Final = """
afin ainsi alors après assez au aucun aucune aujourd'hui auparavant aussi autant autre autres aux avaient avait avant
avec avez avoir avons beaucoup bien bientôt bonjour car ce ceci cela celle celles celui cependant certainement certains
ces cet cette ceux chaque chez comme comment concernant contre d'accord dans davantage depuis derrière dès
désormais deux devant doit doivent donc dont durant effectivement également elles en encore enfin ensuite entre environ
est et étaient était étant êtes être eux fait faire faut généralement grâce hier ici il ils j'ai jamais je jusqu'à
jusque là leur leurs lors lorsque lui ma mais malgré me même mêmes merci mes moi moins mon n'est naturellement ne
néanmoins ni non nos notamment notre nous on ont or ou où oui par parce parfois parmi pas pendant personne peu peut
peuvent plus plusieurs plutôt pour pourquoi pourtant pouvez pouvoir premièrement presque puis puisque qu'il qu'ils
qu'on qu'un qu'une quand quant que quel quelle quelles quelque quelques quels qui quoi rien s'il sans sauf se sera
seraient serait seront ses seulement si sinon soit sommes sont souvent sous suite sur surtout ta tandis tant te tel
telle tes toi ton toujours tous tout toute toutefois toutes très trop trouvez tu un une unique vers voici voilà vos
votre vous vraiment c'est d'un d'une l'on l'un l'une n'a n'ont n'y s'est y
a actualmente además ahora algo alguien algún alguna algunas algunos allí ambos ante anteriormente antes apenas aquel
aquella aquí así aún aunque ayer bajo bastante bien cada casi como cómo con conmigo contra cual cuál cuales cualquier
cuando cuándo cuánto cuyo debe deben debería debido dentro desde después detrás donde dónde durante e embargo en
encima entonces entre era eran es esa esas ese eso esos esta está están estas este estos estoy estuvo fue fueron
general generalmente gracias ha había habían haber hace hacer hacia hacía han hasta hay he hemos hola hoy igualmente
incluso jamás junto lamentablemente luego más me mediante mejor menos mi mientras mis mismo misma mismos mucha muchas
mucho muchos muy nada nadie ni ningún ninguna no nos nosotros nuestra nuestras nuestro nuestros nunca o os otra otras
otro otros para parece pero poca pocas poco pocos podemos podría por porque posteriormente primero pronto pues puede
pueden puedes pueda que qué quien quién quienes quizá quizás resumen se según ser será sería seguramente si sí siempre
siendo sin sino sobre solamente sólo somos son soy su sus suele también tampoco tan tanta tanto te tendrá tenemos tener
tengo tenía ti tiene tienen tienes toda todas todavía todo todos tras tu tú tus un una unas uno unos usted ustedes
vosotros y ya yo
abbastanza abbiamo affinché alcune alcuni allora alquanto altra altre altri altrimenti altro anche ancora anzi appena
attualmente avere aveva avevano avete bene benché che chi ci ciao ciascuno ciò cioè circa come comunque con contro così
cosa cui da dai dal dalla dalle davvero deve devono di dipende dobbiamo dopo dove dovrebbe dunque durante e è ecco ed
entrambi era erano essere essi fa fare finché fino forse fra fu fuori furono generalmente già gli grazie ha hai hanno
ho i ieri il in infatti infine inoltre insieme inizialmente intanto invece io ma mediante meglio meno mentre mi
mio molta molte molti molto naturalmente ne né nei nel nella nelle nello nemmeno nessun nessuna nessuno niente noi non
nonostante nostra nostre nostri nostro o occorre ogni oggi oltre oppure ora parecchi per perché perciò però piuttosto
più poca poche pochi poco poi poiché possono possiamo potete potrebbe prima presso purtroppo può qua qualche qualcosa
qualcuno quale quali qualora quando quanta quanto quasi quella quelle quelli quello quest'anno questa queste questi
questo qui quindi sarà sarebbe saranno se sebbene secondo sei sembra sempre senza si sia siamo siete solo soltanto
sono sopra soprattutto sotto spesso stata state stati stato stesso su sua subito successivamente sue sul sulla sulle
suo suoi tale tali talvolta tanta tanti tanto te tra tranne tre troppo tu tua tue tuo tuoi tutta tutte tuttavia tutti
tutto un un'altra una uno vengono verso vi viene voi vostra vostri vostro c'è all'inizio
aan af al alle alleen allemaal allereerst als altijd ander andere anders bedankt behalve ben bent bij bijna bijvoorbeeld
binnen boven bovendien daar daarbij daarna daarom daarvoor dan dat de deze dezelfde dichtbij die dit doen door dus
echter een eens eerst eerste eigenlijk elk elke en enige enkele er eraan erg ergens erop ervan even gaan gaat geen
gegeven geweest geworden gewoon gisteren goed graag haar had hadden hallo heb hebben hebt heeft heel helaas helemaal
hen het hetzelfde hier hierbij hierdoor hij hoe hoeveel hoewel hun iedereen iemand iets ik in indien inderdaad ja je
jij jouw jullie kan kon konden kortom kun kunnen kunt langs later maar mag meer meest meestal men met mij mijn mijne
minder misschien moet moeten morgen na naar naast natuurlijk nadat nee net niemand niet niets nieuwe nog nogal nooit nu
of omdat omhoog onder ondanks ondertussen ongeveer ons onze ook op opnieuw over overal overigens per samen samengevat
sinds slechts soms steeds straks tegen terug terwijl tijdens toch toen tot totdat tussen uit uiteindelijk uw vaak
vanaf vandaag vanwege veel verder volgens voor vooral voordat vrij vrijwel waar waarbij waardoor waarin waarom
waarschijnlijk wanneer want waren was wat weer weinig wel welke werd werden wie wij wilt word worden wordt zal ze zeer
zelf zelfs zich zij zijn zo zoals zodat zoek zonder zou zouden zowel
"""
_PARTICLES: Final = """
a al alla alle allo ai agli das de degli dei del dell della delle dello den der des di do dos du el het il l la las le
les lo los san te ten ter zu zur von van
"""

# Names, or words of other languages, with a capital.
_NAMES: Final = frozenset(
    {"also", "am", "da", "er", "es", "gern", "gut", "im", "in", "ja", "kurz", "so", "um", "vom", "zum"}
)

GERMAN: Final = frozenset(_GERMAN.split()) - _NAMES  # also with a capital
SMALL: Final = frozenset(_GERMAN.split()) | frozenset(_OTHERS.split())
BEFORE_SMALL: Final = frozenset(_PARTICLES.split()) - SMALL

# Words that English sentences begin with, with a capital, and programs that everybody has: none is the name of a person
# or a place by itself. They count where the next word begins with a small letter or a digit.
_OPENING: Final = """
Access Actually Advanced Aha Air Almost Alternatively Anyone Anything Apples Applications Around Ask Asking Assume
Attach Automatic Bacteria Batteries Bicycles Big Bigger Birds Blood Bluetooth Boats Books Both Bread Breakfast Bring
Bringing Buildings Buses Butter Buying Cameras Cars Cats Cells Chairs Change Changing Cheap Cheaper Cheese Children
Choice Chrome Cities Clean Cleaning Clear Clearly Climate Clothes Clouds Coffee Cold Combine Common Companies
Computers Concrete Connect Considering Cooking Cool Copy Costs Countries Cows Current Customers Cut Cutting Cycling
Daily Dark Data Databases Delete Deleting Demand Despite Details Developers Different Digital Dinner Direct Discounts
Dogs Doors Double Drinking Driving Dry Eating Education Eggs Electric Electricity Eleven Email Emails Employees Empty
Energy Engineers English Enough Especially Essentially Eventually Everybody Everyone Everything Evidence Excel
Excellent Exercise Expect Expensive Experts Families Farmers Fast Faster Feel Fees Fewer Fifteen Fifty Fill Finding
Fire Firefox Fish Five Flights Flour Flowers Food Forests Forty Four Fresh Fruit Fuel Full Games Gas Gently Glaciers
Glad Gmail Go Going Goods Great Groups Half Happy Hard Heat Heating Heavy Help Helping Honestly Hot Hotels Hours
Houses Housing Human Humans Hundreds Ideally Immediately Impressive Include Including Income Increase Increasing
Individual Industrial Information Initially Inside Instagram Insurance Interest Interesting Internal Invoices Items
Jobs Keeping Kids Knowing Knowledge Lamps Languages Large Larger Last Late Later Leaves Leaving Lemons Lessons Letters
Libraries Lightning Limit List Little Local Logs Longer Losing Lots Loud Lower Lunch Machines Main Mammals Managers
Mathematics Meals Meanwhile Measure Measuring Meat Medical Members Messages Metal Milk Millions Minor Mix Mixing
Mobile Modern Money Months Mostly Mountains Music Natural Nearby Neither Netflix New Newer News Nice Nine Nobody Noise
Nothing Numbers Obviously Oceans Offices Oh Oil Old Older Ones Onions Online Opinions Oranges Orders Organic Outlook
Outside Owners Paper Parents Parking Parts Passengers Patients Paying People Percent Photographs Photoshop Pictures
Pieces Pigs Plain Planes Planets Planning Plants Plastic Players Plenty Police Poor Popular Potatoes PowerPoint
Practice Preparing Pressure Previous Privacy Private Products Profits Programs Projects Proper Public Pull Push
Quality Quite Radio Rain Rarely Rather Recent Recipes Reduce Reducing Regular Regularly Relevant Rents Repairs Repeat
Replace Replacing Reports Request Requests Research Researchers Reset Residents Rest Restart Rivers Roads Robots
Rockets Roofs Rooms Roughly Rows Rules Sadly Safari Safety Sales Salt Samples Schools Science Scientists Scroll Seats
Security Sending Sensors Separate Servers Services Set Setting Seven Seventy Shared Ships Shoes Shops Short Shorter
Showers Similar Similarly Simple Six Sixty Skype Slack Sleep Slow Slowly Small Smaller Smoke Snow Soap Soft Software
Soil Solar Somebody Someone Something Soon Sooner Soup Space Special Specifically Speed Spending Sports Spotify Staff
Stars Statistics Steam Stir Stop Stopping Storage Stores Storms Streets Strictly Students Submit Subscriptions Sugar
Suppliers Surely Surprisingly Switch Talk Talking Taxes Tea Teachers Teams Ten Thirty Thousands Three Tickets Tides
Tomatoes Ton Tonight Too Total Tourists Traffic Trains Travel Travellers Trees Trips Trucks Turning Twelve Twenty Two
Ultimately Under Universities Unless Unlike Unlock Users Vegetables Vehicles Verify Version Versions Videos Vitamins
Volcanoes Volunteers Waiting Walking Walls Warm Wash Washing Watch Watching Water Waves Weather Websites Weekends
Weekly Wet Whales WhatsApp Whether Whoever Wider Wikipedia Windows Wine Winters Wireless Wolves Women Wooden Words
Workers Worse Wow Years Yellow Yesterday Yields YouTube Zoom
"""
OPENING: Final = frozenset(_OPENING.split())
