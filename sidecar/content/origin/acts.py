"""What tools do, and the words for it: in English, and the orders that other languages give for the same.

A word may stand for several acts. Other languages' words are told by how they begin, so that their forms meet; only
beginnings that no English word has are listed. They tell an act by a pseudo stem, `#pay`, that no text holds.
"""

import re
from typing import Final

# What tools do, and the English words for it.
ACTS: Final = {
    "browse": "visit open click browse view access webpage website page link site article blog story url read fetch",
    "upload": "upload push publish submit sync commit deploy",
    "download": "download save store fetch",
    "send": "send sent email mail reply respond forward share message inform tell notify post dm write comment answer "
    "remind ask contact text invite direct greet congratulate thank announce relay distribute circulate broadcast "
    "advise brief apologize apologise wish acknowledge dispatch deliver transmit ping whisper nudge repost crosspost",
    "pay": "pay paid transfer money buy purchase order checkout refund donate tip wire deposit rent bill spend invest "
    "charge reimburse settle transaction payment remit",
    "delete": "delete remove cancel clear erase drop unsubscribe discard empty wipe purge destroy unstar revoke kick "
    "ban expel dismiss",
    "create": "create add make schedule set book reserve register setup plan arrange generate put enter organize note "
    "record save store",
    "enter": "add create make schedule set put enter note record save store",
    "change": "update change edit rename move reschedule modify set fix replace adjust correct postpone copy reset "
    "save store record shift adapt swap switch relocate redirect reroute revert restore",
    "admit": "invite collaborator participant member permission access role join share add grant owner ownership "
    "include enroll enrol admit promote",
    "fill": "input fill submit register reserve comment post enter sign form book apply",
    "rate": "star follow favorite unstar upvote review rate grade assess",
    "secure": "password key ssh credential account login verify log sign",
    "copy": "clone copy pull download sync fork",
    "buy": "buy purchase order checkout cart rebuy shop sell trade",
    "run": "run execute install launch compile script command restart reboot start trigger",
    "book": "book reserve reservation booking rent hire lease engage commission",
    "stop": "stop freeze disable deactivate silence mute pause halt suspend block terminate quit end discontinue",
    "approve": "approve accept confirm authorize authorise permit approval consent",
    "reject": "reject decline deny refuse dismiss rejection",
    "close": "close resolve finish archive complete",
    "open": "open unlock unseal release",
    "lock": "lock shut seal close",
    "renew": "renew refill extend prolong repeat replenish restock reorder",
    "raise": "raise increase lift boost lower reduce decrease cut scale",
    "return": "return refund reimburse",
}
_CURRENCY: Final = r"(?:eur|euros?|usd|(?:us )?dollars?|gbp|pounds?|chf|francs?|yen|cents?)"
SUM: Final = rf"(?:[$€£¥]\W?\d[\d.,]*|\d[\d.,]*\W?{_CURRENCY}\b|\b(?:eur|usd|gbp|chf)\W?\d[\d.,]*)"  # of money
_AMOUNT: Final = (  # in words
    r"(?:(?:the|an?|his|her|their|my|our|this) )?(?:(?:same|full|whole|exact|total|remaining|missing|outstanding) )?"
    r"(?:amount|sum|money|difference|rent|deposit|fee)"
    r"|(?:my|his|her|their|our|your) (?:half|share|part|portion)\b"
)
# What is said in more than one word, as regular expressions.
PHRASES: Final = {
    "send": r"(?:let|have|make) (?!to\b)(?:\S+ ){1,6}?(?:know|hear)|get back to|(?:get|be) in touch|"
    r"(?:bring|get|keep) (?:\S+ ){1,4}(?:up to date|up to speed|posted)|pass (?:\S+ ){0,6}?(?:on|along)|"
    r"(?:get|bring) (?:(?!forward\b)\S+ ){1,6}?to (?!me\b|know|work|be\b|see\b|us\b)|"
    r"(?:drop|shoot|slip|leave|give|send) (?:\S+ ){1,4}an? (?:\w+ )?(?:line|note|ping|shout|ring|heads-?up)|"
    r"fill (?:\S+ ){1,4}?in on|loop (?:\S+ ){1,2}?in|hand (?:\S+ ){1,6}?(?:over|on) to|"
    r"(?:confirm|explain|describe|suggest|propose|report|promise) (?:\S+ ){0,4}?to (?!me\b|us\b)|"
    r"say (?:hi|hello|thanks?|thank you|goodbye|sorry)|"
    r"(?:explain|describe|state|summari[sz]e|report|answer|say|list) (?:\S+ ){0,8}?(?:in|as|with|through) an? (?:\w+ )?"
    r"(?:e-?mail|mail|message|text|sms|comment|reply|note|post)\b|"
    r"(?:get|receive|have|leave|as|by|via|with) (?:\S+ ){0,4}?(?:an?|by|via) "
    r"(?:e-?mail|mail|message|text|sms|comment|reply|note)",
    "pay": rf"(?:send|give|move) (?!me\b|us\b)(?:\S+ ){{0,2}}?(?:{SUM}|{_AMOUNT})",
    "reject": r"turn(?:s|ed|ing)? (?:\S+ ){0,4}?down",
    "delete": r"call(?:s|ed|ing)? (?:\S+ ){0,4}?off|get(?:ting)? rid of|throw(?:s|ing)? (?:\S+ ){0,6}?(?:away|out)|"
    r"take (?:\S+ ){1,6}?(?:off|down)|take (?:him|her|them) out of",
    "admit": r"(?:give|grant|gets) (?:\S+ ){1,6}?(?:rights|privileges|access)|"
    r"make (?!sure\b)(?:\S+ ){1,4}?(?:admin|administrator|(?:co-?)?owner|maintainer|moderator|editor)s?",
    "return": r"(?:send|give|bring|take|hand) (?:\S+ ){1,6}?back",
    "buy": r"check(?:ing|ed)? out|place (?:\S+ ){0,3}?order|(?:have|get) (?:\S+ ){1,4}?shipped|"
    r"tak(?:e|ing) (?:\S+ ){1,4}?(?:offer|deal)",
    "open": r"let (?:\S+ ){1,4}?in",
    "stop": r"(?:turn|switch|shut) (?:\S+ ){0,4}?(?:off|down)",
    "change": r"(?:push|move|put) (?:\S+ ){1,6}?(?:back|forward|off|earlier|later)|bring (?:\S+ ){1,6}?forward|put off|"
    r"(?:exchange|trade) (?:\S+ ){1,8}?(?:for|with|against)",
    "create": r"(?:turn|make|convert|transform) (?:\S+ ){1,6}?into an? |"
    r"set (?:\S+ ){0,4}?up|sign (?:\S+ ){0,4}?up|invit(?:e|es|ing) (?:\S+ ){1,8}?to (?:an?|another)",
}
# German, Spanish, French, Italian, Portuguese, Dutch.
_ELSEWHERE: Final = {
    "pay": "überweis ueberweis bezahl zahle(n|t)?$ zahlung begleich bestell spende(n|t)?$ erstatte kaufe(n|t)?$ "
    "transfier transferencia transferência transferir pagar pague pago$ paga$ pagamento compra(r)?$ compre$ reembols "
    "payez payer paie virement vire(z|r)?$ achet achèt rembours bonific acquist pagare trasferi transfira betaal "
    "overmak overschrij commande(z)?$ ordina(re)?$ encarg encomend",
    "send": "sende(n|t)?$ schick verschick übermitt uebermitt weiterleit leite(n|t)?$ schreib antworte benachrichtig "
    "informiere(n)?$ veröffentlich veroeffentlich teile(n)?$ mitteil mailen$ envía envia(r)?$ envíe envie$ reenví "
    "reenvi manda(r)?$ mande$ escrib responde(r)?$ notifica(r)?$ notificá notifique comparte publica publique "
    "avisa(r)?$ envoie envoy(ez|er)$ transmet écri(s|re|vez)$ répond partage(z|r)?$ publie(z|r)?$ informe(z)?$ "
    "prévien(s|ez)$ invia(re)?$ inoltra scriv rispond pubblic condivid encaminh escrev compartilh stuur verstuur zend "
    "schrijf doorstu plaats$ "
    "flüster fluester fluister chuchot susurr sussurr poste(n|t|z)?$ sag$ sagt$ dis$ dites$ dile$ diles$ diga$ "
    "zeg$ deel$",
    "delete": "lösch loesch entfern storni kündig leere(n)?$ elimina elimine borra(r)?$ borre$ suprim supprim "
    "efface(z)?$ annul(e|ez|er)$ résili rimuov cancella(re)?$ exclua excluir apague "
    "apagar remova verwijder annuleer "
    "wirf$ werft$ enlève(z)?$ enlev(ez|er)$ retir(ez|er|ar)$ quita(r)?$ saca(r)?$ saque$ echa(r)?$ togli(ere)?$ "
    "haal$",
    "create": "erstell lege(n|t)?$ anleg hinzufüg hinzu$ füge(n|t)?$ fuege vereinbar crear$ cree$ añad anad "
    "agreg(a|ar|ue)$ crée(z|r)?$ créer ajoute aggiung crie$ criar$ adicion agende agendar maak$ voeg$ toevoeg "
    "trag(e|t)?$ eintrag crea$ inscri(s|vez)$ planifi programmez$ programa(r)?$ anota(r)?$ apunta(r)?$",
    "change": "ändere(n)?$ aendere aktualisier setze(n|t)?$ stelle(n|t)?$ verschieb umbenenn ersetze cambia cambie "
    "actualiz modifica modifique modifie(z|r)$ modifie$ changez changer remplac déplac régle(z|r)$ règle$ réinitialis "
    "aggiorn sposta(re)?$ sostitu altere$ alterar mude$ mudar atualiz wijzig verander verplaats umleit redirig "
    "mets$ mettez$ mettre$ pon$ ponga$ poner$ metti$ mettere$ ponha$ coloque$ colocar$ zet$",
    "admit": "lade(n|t)?$ einlad nimm$ aufnehm füge$ fuege berechtig freigeb gewähr invita(r|re)?$ inviter invitez "
    "convid nodig$ uitnod añad ajoute aggiung adicion accorde(z|r)?$ "
    "gib$ gebt$ vergib$ verleih donne(z|r)$ otorg inscriba$ inscribir$ iscriv geef$ nehmt$ aufzunehm",
    "browse": "besuch öffne(n|t)?$ oeffne klick rufe$ visita(r)?$ visite(z|r)?$ abre$ abrir abra$ ouvre(z)?$ ouvrir "
    "cliqu(e|ez|er)$ consulte(z|r)?$ apri$ aprire clicca acesse bezoek klik$",
    "book": "buche(n|t)?$ reservier miete(n|t)?$ beauftrag reserva(r)?$ alquil réserv loue(z|r)?$ engage(z|r)$ prenot "
    "noleggi alugue reserveer boek$ huur$ affitta(re)?$ contrata(r)?$",
    "upload": "hochlad sube$ subir",
    "download": "herunterlad descarg télécharg scaric baixe baixar exporte(z|r|n)?$ exportier",
    "run": "führe(n)?$ fuehre ausführ starte(n)?$ installier ejecut exécut lancez esegu installeer",
    "secure": "passwort kennwort contraseña senha wachtwoord anmelde unterschreib unterzeichn signe(z)?$ firme$ firma$",
    "approve": "genehmig bestätig bewillig aprueb aprobar apruebe approuv autoris confirme(z|r)?$ confirma(r)?$ "
    "approva(re)?$ aprove$ aprovar keur$ goedkeur "
    "acceptez$ accepter$ acepta(r)?$ acept(e|en)$ accetta(re)?$ aceit(e|ar)$ akzeptier",
    "reject": "lehne(n|t)?$ ablehn abgelehnt rechaz rejett refusez$ rifiut rejeit weiger",
    "close": "schließe schliesse abschließ cierra cierre$ cerrar ferme(z|r)?$ clôtur chiud fech(e|ar)$ sluit$ "
    "archivier archiv(ez|ar|ia|eer)$ archiva$ arquiv(e|ar)$",
    "open": "entriegel freigib freigabe desbloque déverrouill libère sblocca desbloqu ontgrendel",
    "stop": "blockier sperre(n|t)?$ bloque(z|r)?$ bloquea(r)?$ deaktivier schalte(n|t)?$ abschalt "
    "stumm$ desactiv désactiv disattiv desativ schakel$",
    "renew": "verlänger erneuer renuev renovar renouvel rinnov verleng",
    "raise": "erhöh senke(n|t)?$ aument augment$ augmentez baisse(z|r)?$ verhoog",
}
_REST: Final = r"[^\W\d_]*"  # of a word, behind its beginning


def _alternatives(words: str) -> str:
    return "|".join(word.removesuffix("$") + ("" if word.endswith("$") else _REST) for word in words.split())


FOREIGN: Final = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{act}>{_alternatives(words)})' for act, words in _ELSEWHERE.items())})\b"
)


def foreign(word: str) -> str:
    """Return the pseudo stem of a folded word of another language, or nothing."""
    found = FOREIGN.fullmatch(word)
    return f"#{found.lastgroup}" if found else ""
