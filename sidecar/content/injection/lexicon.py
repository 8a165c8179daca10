"""Which part may a word play in speech that is addressed to somebody?

Words become letters, so that patterns over a sentence are short and look at each word once (`features.py`).
What stands here is the vocabulary of speech acts in general: asking, ordering, overruling, forbidding to tell,
naming the one who is spoken to. Words of other languages play the same parts as their English ones. None of
them means anything alone: an order is a pattern of them, and the weights say how much each pattern counts.
"""

import re
from collections.abc import Mapping
from typing import Final

# One letter for a part, then the words that may play it. A word that stands twice plays the later part.
PARTS: Final[Mapping[str, str]] = {
    # who
    "y": "you u ya thou du sie ihr vous tu usted ustedes tú voce você vocês lei voi jij je ты вы",
    "r": (
        "your ur dein deine deinen deiner ihre ihren euer votre vos ton ta tes tu sus su seu sua seus tuo tua "
        "vostro jouw uw твой ваш ваши твои"
    ),
    "u": "yourself yourselves",
    "i": "i me myself ich mich mir moi yo mí eu mim ik mij я мне",
    "j": "my mine our mein meine meinen mon ma mes mi mis meu minha meus mio mia mijn мой мои",
    "W": "we us ours team wir nous nosotros nós noi wij мы",
    "m": (
        "ai assistant assistants model models llm llms gpt chatgpt chatbot bot agent agents copilot claude gemini "
        "llama mistral gpt-4 gpt4 machine robot assistent modell modèle modelo asistente assistente modello "
        "bots chatbots robots copilots summariser summarizer crawlers ki ia ki-assistent ki-assistenten ki-system "
        "ki-systeme ki-modelle sprachmodell sprachmodelle assistenten modèles modelos modelli asistentes agentes "
        "agenten assistentes assistenti assistente asystent asystencie asystenta asistan asistanı asistanlar zekâ zeka "  # noqa: RUF001 - Turkish
        "tekoäly tekoälylle tekoälyavustaja tekoälyavustajalle asistent asistente-ia المساعد للمساعد सहायक एआई "
        "ассистент модель"
    ),
    "e": (
        "user users customer customers human humans person people reader readers client clients "
        "recipient nutzer benutzer utilisateur usuario usuário utente gebruiker пользователь"
    ),
    "3": "new additional further updated extra revised real true actual nueva nuevas neue neuen nouvelle nuove",
    "S": (
        "system developer admin administrator root sysadmin developers superuser internal hidden "
        "underlying operator owner"
    ),
    # what is spoken of
    "n": (
        "direction directions "
        "instruction instructions prompt prompts guideline guidelines rule rules directive directives command "
        "commands order orders constraint constraints restriction restrictions policy policies programming "
        "training safeguard safeguards filter filters limitations protocol protocols anweisung anweisungen regeln "
        "vorgaben befehle aufforderung consigne consignes règles instrucciones instrucción reglas órdenes "
        "indicaciones instruções instrução regras istruzioni regole instructies regels инструкции инструкций "
        "инструкцию правила указания polecenia instrukcje zasady talimatları talimat kuralları kurallar "  # noqa: RUF001 - Turkish
        "instruktioner regler ohjeet säännöt pokyny instrukce instrucțiunile instrucțiuni інструкції вказівки "
        "instruksi perintah aturan निर्देश निर्देशों नियम नियमों आदेश التعليمات تعليمات الأوامر القواعد "
        "دستورات قوانین הוראות ההוראות"
    ),
    "b": (
        "initial "
        "previous prior above earlier preceding former original existing foregoing past old vorherigen vorherige "
        "vorigen bisherigen obigen früheren précédentes précédente antérieures anteriores anterior previas "
        "previos anteriormente precedenti precedente vorige eerdere предыдущие предыдущих предыдущую прежние "
        "poprzednie önceki tidigare föregående aiemmat edelliset předchozí anterioare попередні sebelumnya पिछले पिछली "
        "السابقة قبلی הקודמות"
    ),
    "w": (
        "response responses outputs completion message output antwort antworten réponse "
        "respuesta resposta risposta antwoord ответ"
    ),
    "G": (
        "summary text article essay poem story sentence paragraph email letter report list headline post "
        "translation table title"
    ),
    "D": (
        "task tasks goal goals objective mission job assignment request requests query queries question questions "
        "aufgabe tâche tarea tarefa compito taak задача conversation context"
    ),
    "K": (
        "code snippet snippets block script function implementation solution program algorithm codebase method "
        "class module import"
    ),
    "z": (
        "token tokens key keys "
        "private confidential sensitive personal data history account accounts address addresses information "
        "details records file files contacts emails transactions location"
    ),
    "Z": (
        "password passwords passcode passcodes passphrase passphrases pin pins otp credential credentials secret "
        "secrets ssn cvv passwort passwörter contraseña contraseñas clave senha parola mot-de-passe passe wachtwoord "
        "lösenord lösenordet adgangskode salasana heslo jelszó hasło hasła şifre şifreni şifren parolan пароль пароли "
        "секрет पासवर्ड गुप्त المرور السر السرية סיסמה הסיסמה رمز sandi"
    ),
    "%": "of von",
    "~": "told instructed given programmed configured",
    "9": (
        "hypothetical hypothetically theoretically fictional fiction fictitious imaginary scenario suppose supposing "
        "universe parallel alternate simulation simulated world planet dream novel movie game"
    ),
    "4": (
        "refuse refuses refusal refusing apologize apologise apology sorry disclaimer disclaimers moral morals "
        "morality ethic ethics ethical unethical immoral illegal legality censorship censored taboo forbidden banned "
        "prohibited inappropriate consequences conscience"
    ),
    "P": ("persona character role mode dan jailbreak jailbroken unrestricted unfiltered uncensored roleplay alter ego"),
    "F": (
        "following subsequent below folgenden folgende suivant suivante siguiente siguientes seguinte seguente volgende"
    ),
    # orders
    "o": (
        "ignore disregard forget override overrule bypass overlook neglect discard dismiss abandon "
        "circumvent supersede ignoriere ignorieren vergiss vergessen missachte ignorez ignorer oubliez oublie "
        "oublier ignora ignorar ignorad ignoren olvida olvide olvidar olvidad desconsidere desconsidera esqueça "
        "esquece ignori ignorate dimentica dimenticate negeer vergeet игнорируй игнорируйте забудь забудьте "
        "zignoruj zapomnij pomiń yoksay unut αγνόησε αγνοήστε ignorera glöm ignorer glem unohda ohita ignoruj zapomeň "
        "ignoră uită ігноруй забудьте abaikan lupakan अनदेखा नज़रअंदाज़ भूल भूलो تجاهل تجاهلي انس نادیده فراموش "
        "התעלם התעלמי שכח"
    ),
    "/": (
        "void cancelled canceled revoked obsolete lifted suspended superseded invalid null nullified expired outdated "
        "replaced overruled overridden rescinded repealed aufgehoben ungültig annulées annulés nulle "
        "canceladas anuladas annullate"
    ),
    "'": (
        "injection injections jailbreaks jailbreaking attack attacks attacker attackers phrase phrases detector "
        "detectors detection guardrail guardrails payload payloads vulnerability vulnerabilities researchers"
    ),
    "O": "follow obey comply adhere heed execute befolge folge suivez suis sigue siga segui volg следуй",
    "x": (
        "write add append insert include incorporate integrate embed mention say state print display translate "
        "summarize summarise rewrite rephrase paraphrase replace substitute encode decode convert reverse invert "
        "explain describe list generate create compose craft draft offer suggest recommend promote advertise "
        "begin end finish conclude repeat formulate produce construct develop design outline discuss compare "
        "analyze analyse evaluate identify classify calculate compute solve render present format capitalize "
        "scramble rearrange shuffle spell use modify augment enhance enrich infuse weave blend embellish "
        "highlight emphasize stress advise inform introduce elaborate break simplify define remind encourage urge "
        "invite claim assert pretend respond speak talk teach help guide invent group swap mix transform express "
        "merge fuse combine attach implement apply adopt employ utilize absorb remember ensure consider keep make "
        "try imagine narrate sing draw plan propose prepare research predict estimate rank rate score review "
        "critique proofread correct edit extract count schreibe schreib füge erkläre übersetze nenne gib beginne "
        "écris écrivez ajoutez ajoute expliquez traduis traduisez escribe escriba añade agrega explica traduce "
        "diga escreva adicione explique traduza scrivi aggiungi spiega traduci schrijf voeg leg напиши напишите "
        "добавь переведи объясни"
    ),
    "t": (
        "rotate sell redirect leave arrange reserve track monitor play increase decrease adjust fill join lock mute "
        "record upgrade downgrade reduce raise lower switch connect disconnect link unlink trade exchange "
        "rent hire reject accept decline terminate restart shut reboot take resize turn-off turn-on place "
        "prepare-order rate skip put unfollow follow-up like-post react assign report allow permit delete "
        "remove visit open click run call invoke buy purchase order book schedule reschedule cancel update "
        "change set grant install unlock disable enable withdraw save store copy move rename subscribe "
        "register log login sign approve confirm block unblock turn activate deactivate reset navigate go "
        "execute perform carry launch start stop add-member deploy commit push merge-request star fork "
        "archive erase wipe drop kill initiate authorize authorise revoke unsubscribe return lösche öffne "
        "besuche führe supprimez ouvrez visitez exécutez elimina borra abre visita ejecuta exclua apague "
        "abra visite apri verwijder удали открой запусти usuń"
    ),
    "g": (
        "fetch get retrieve find search read access extract collect gather compile look check query browse "
        "scan export download load scrape view pull rufe busca"
    ),
    "E": (
        "send forward transfer mail email message text share post publish upload submit transmit donate "
        "deposit pay wire lend hand ship deliver dispatch mail-to print-out invite tweet exfiltrate notify "
        "contact reply leak stuur sende schicke überweise leite envoyez envoie envoyer transférez envía "
        "envíe enviar manda mande reenvía transfiere transfiera transfira envie invia inviare trasferisci "
        "отправь отправьте переведи перешли wyślij gönder"
    ),
    "A": "answer reply respond output",
    "B": "give provide show tell",
    "k": "reveal disclose leak expose divulge share display repeat recite dump echo",
    "H": "act pretend roleplay role-play behave impersonate simulate assume imagine become",
    # manner
    "p": "please kindly pls plz bitte s'il svp por-favor porfavor пожалуйста",
    "c": "can could would will may might",
    "M": (
        "must should shall need needs required have ought necessary mandatory supposed obligated musst müssen "
        "sollst devez dois debes debe deve devi moet должен"
    ),
    "d": (
        "don't dont not never no without cannot can't nicht niemals kein ne pas jamais não nunca non nooit geen "
        "не никогда"
    ),
    "s": ("secretly silently quietly covertly discreetly confidentially stealthily unnoticed heimlich secrètement"),
    "v": (
        "important importantly urgent urgently attention critical immediately asap warning notice alert emergency "
        "priority mandatory wichtig dringend achtung urgente importante atención attenzione важно срочно"
    ),
    "T": (
        "before first after then next once finally beforehand afterwards afterward bevor zuerst avant d'abord "
        "antes primero primeiro prima eerst сначала"
    ),
    "N": (
        "now only just simply always also additionally furthermore instead henceforth onwards onward jetzt "
        "maintenant ahora agora adesso nu теперь stattdessen"
    ),
    "a": (
        "all any every everything anything each entire whole alle alles tous toutes todas todos todo tutte tutti все"
    ),
    "q": (
        "what how why when where who which whose whom was wie warum quoi comment pourquoi qué cómo porqué como "
        "come что как"
    ),
    "X": "if when whenever while as wenn falls si se als если",
    "l": "let let's lets",
    "V": "are is be am were been 're being bist sind es eres er sei",
    "2": "to à al ao para naar на",
    "#": "a an",
    "&": "and also und et y e en и",
    "1": "the that those it its der die das le la les el los las o os il lo het",
    "_": "this these diese dieser diesen dieses dies cette cet ces este esta estos estas questa questo questi deze dit",
    ">": "for für pour per för",
    "5": "from at by via through using with on in into within",
    "h": "here click contact unsubscribe",
    "Y": "dear hi hello hey hallo liebe lieber bonjour hola buongiorno",
    "R": "regards sincerely thanks thank thx cheers best love grüße gruß merci gracias grazie saludos yours",
    "f": "finished completed done complete accomplished concluded fulfilled",
    "7": (
        "sent created deleted added removed moved updated saved uploaded downloaded invited scheduled booked "
        "transferred paid placed posted published shared copied renamed closed merged subscribed "
        "successfully failed gesendet erstellt envoyé enviado inviato отправлено"
    ),
    "I": (
        "authorised authorized approved permission permitted allowed consent verified confirmed official "
        "compliance penalised fined"
    ),
    "J": (
        "words word letters vowels consonants uppercase lowercase capitals emoji emojis rhyme verse "
        "language tone style base64 hexadecimal morse cipher backwards backward reverse reversed "
        "separated separate spelled spell rot13 binary ascii rhyming acrostic leetspeak digit digits "
        "character characters interlace syllable syllables poem riddle hint hints alphabetically "
        "sarcastic sentences format encoding spelling"
    ),
    "Q": "tool tools function functions parameter parameters argument arguments session api",
    "<": (
        "reads reading processes processing processed handles handling parses parsing summarises summarising "
        "summarizes summarizing scans scanning indexes indexing opens opening views viewing visiting visits sees "
        "seeing encounters encountering touches ingesting analysing analyzing evaluating reviewing answering comparing "
        "screening completing editing loads loading translating grading accessing crawling relaying installing "
        "performing executing continuing liest lesen verarbeitet auswertet lit lisez lisant lee lea lean lê ler legge "
        "leggere leest læser läser czyta okuyan पढ़ कर"
    ),
    "=": (
        "ask asks asked asking confirmation confirmations approval approvals agreed rückfrage "
        "zugestimmt confirmación confirmação conferma"
    ),
    "C": "casino bitcoin wallet euros dollars usd eur money funds payment pay balance ether",
    "L": "want wish like would-like demand wants intend",
}

# Two words in one.
_SHORTENED: Final[Mapping[str, str]] = {
    "iV": "i'm",
    "iM": "i'll",
    "ic": "i'd",
    "yV": "you're you've",
    "yM": "you'll",
    "WV": "we're we've",
    "WM": "we'll",
    "1V": "it's that's there's",
    "qV": "what's who's where's how's",
    "hV": "here's",
    "dM": "mustn't needn't shouldn't",
    "dc": "won't wouldn't couldn't",
    "dV": "isn't aren't wasn't",
}
WORDS: Final[Mapping[str, str]] = {
    word: part for parts in (PARTS, _SHORTENED) for part, words in parts.items() for word in words.split()
}
# Where words are not told apart by spaces, these are: the longest first.
_UNSPACED_PARTS: Final[Mapping[str, str]] = {
    "o": "忽略 无视 無視 忘记 忘記 忘れて 무시 不要理会",
    "n": "指令 指示 提示词 提示 规则 命令 규칙 지시 프롬프트 プロンプト",
    "b": "之前 以前 先前 以上 上面 上記 前の 이전 위의",
    "a": "所有 すべて 全て 모든",
    "y": "你 您 あなた",
    "r": "你的 您的",
    "t": "发送 转账 删除 送信 보내",
    "p": "请",
    "Z": "密码 密碼 口令 秘密 パスワード 비밀번호 암호",
    "m": "助手 模型 アシスタント 어시스턴트 人工智能 人工知能 인공지능",
    "S": "系统 システム 시스템",
    "A": "回答 回复 답변",
    "N": "现在",
    "H": "扮演",
}
UNSPACED: Final[Mapping[str, str]] = {word: part for part, words in _UNSPACED_PARTS.items() for word in words.split()}

# Scripts whose vowels and points are no letters to Python: their words, without their stops.
_POINTED: Final = "\u0590-\u060b\u060d-\u061a\u061c-\u061e\u0620-\u06d3\u06d5-\u0963\u0966-\u0dff"
_CJK: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
TOKEN: Final = re.compile(
    rf"[{_POINTED}]+|[^\W{_CJK}]+(?:(?:[\u2019'.+-]|\\')[^\W{_CJK}]+)*(?:@[\w-]+(?:\.[\w-]+)*|://\S+)?|[^\w\s{_CJK}]|"
    + "|".join(sorted(map(re.escape, UNSPACED), key=len, reverse=True))
    + rf"|[{_CJK}]"
)
# The same of plain ASCII, which is quicker.
ASCII_TOKEN: Final = re.compile(r"\w+(?:(?:[.'+-]|\\')\w+)*(?:@[\w-]+(?:\.[\w-]+)*|://\S+)?|[^\w\s]", re.ASCII)
LINK, ADDRESS, OTHER, NUMBER, OPAQUE, SOMEBODYS, QUOTE = "U", "@", ".", "0", "6", "8", '"'

_ACCOUNT_LETTERS: Final = 8
# Letters and figures mixed, or figures longer than a date: an account, a wallet, a telephone, a key.
_ACCOUNT: Final = re.compile(r"(?!\d{4}-\d\d-\d\d)(?=(?:[a-z-]*\d){4})[a-z0-9][a-z0-9-]{6,80}[a-z0-9]")


def part(token: str) -> str:
    """Return the letter of the part that `token`, in small letters, may play; `.` where it plays none."""
    if found := KNOWN.get(token):
        return found
    if len(token) == 1 and not token.isalnum():
        return "-"
    if len(token) >= _ACCOUNT_LETTERS and _ACCOUNT.fullmatch(token):
        return OPAQUE
    if "@" in token or "://" in token or token.startswith("www."):
        return ADDRESS if "@" in token else LINK
    plain = token.replace("\\'", "'").replace("\u2019", "'")
    if plain.endswith("'s") and plain not in WORDS:
        return WORDS.get(plain[:-2], SOMEBODYS)
    return WORDS.get(plain, NUMBER if token[0].isdigit() else OTHER)


KNOWN: Final[Mapping[str, str]] = {
    **dict.fromkeys("#$%&'()*+-./<=>@[\\]^`{|}~", "-"),
    **dict.fromkeys('"\u201c\u201d\u201e\u00ab\u00bb', QUOTE),
    **WORDS,
    **UNSPACED,
    "!": "!",
    "?": "?",
    ":": ":",
    ",": ",",
    ";": ",",
}
