"""What tools do, and the words for it: in English, and the orders that other languages give for the same.

A word may stand for several acts. Other languages' words are told by how they begin, so that their forms meet; only
beginnings that no English word has are listed. They tell an act by a pseudo stem, `#pay`, that no text holds.
"""

import re
from typing import Final

# What tools do, and the English words for it.
ACTS: Final = {
    "browse": "visit open click browse view access webpage website page link site article blog story url read",
    "upload": "upload push publish submit sync commit deploy",
    "download": "download save store fetch",
    "send": "send sent email mail reply respond forward share message inform tell notify post dm write comment answer "
    "remind ask contact text invite direct greet congratulate thank announce put relay distribute circulate broadcast",
    "pay": "pay paid transfer money buy purchase order checkout refund donate tip wire deposit rent bill spend invest "
    "charge reimburse settle transaction payment remit",
    "delete": "delete remove cancel clear erase drop unsubscribe discard empty wipe purge destroy unstar revoke kick "
    "ban expel dismiss",
    "create": "create add make new schedule set book reserve register setup plan arrange generate put enter organize",
    "change": "update change edit rename move reschedule modify set fix replace adjust correct postpone copy reset",
    "admit": "invite collaborator participant member permission access role join share add grant owner ownership "
    "include",
    "fill": "input fill submit register reserve comment post enter sign form book apply",
    "rate": "star follow favorite unstar upvote review rate",
    "secure": "password key ssh credential account login verify log sign",
    "copy": "clone copy pull download sync fork",
    "buy": "buy purchase order checkout cart rebuy shop",
    "run": "run execute install launch compile script command",
    "book": "book reserve reservation booking hotel flight restaurant rental ticket rent hire lease",
}
# German, Spanish, French, Italian, Portuguese, Dutch.
_ELSEWHERE: Final = {
    "pay": "überweis ueberweis bezahl zahle(n|t)?$ zahlung begleich bestell spende(n|t)?$ erstatte kaufe(n|t)?$ "
    "transfier transferencia transferência transferir pagar pague pago$ paga$ pagamento compra(r)?$ compre$ reembols "
    "payez payer paie virement virez achet achèt rembours bonific acquist pagare trasferi transfira betaal overmak "
    "overschrij",
    "send": "sende(n|t)?$ schick verschick übermitt uebermitt weiterleit leite$ schreib antworte benachrichtig "
    "informiere(n)?$ veröffentlich veroeffentlich teile(n)?$ mitteil envía envia(r)?$ envíe envie$ reenví reenvi "
    "manda(r)?$ mande$ escrib responde(r)?$ notifica notifique comparte publica publique envoie envoy(ez|er)$ transmet "
    "écri(s|re|vez)$ répond partagez publiez invia(re)?$ inoltra scriv rispond pubblic condivid encaminh escrev "
    "compartilh stuur verstuur zend schrijf doorstu plaats$",
    "delete": "lösch loesch entfern storni kündig leere(n)?$ elimina elimine borra(r)?$ borre$ suprim supprim "
    "efface(z)?$ annul(e|ez|er)$ rimuov cancella(re)?$ exclua excluir apague apagar remova verwijder annuleer",
    "create": "erstell lege$ anleg hinzufüg hinzu$ füge(n)?$ fuege vereinbar crear$ cree$ añad anad agreg(a|ar|ue)$ "
    "crée créer ajoute aggiung crie$ criar$ adicion agende agendar maak$ voeg$ toevoeg",
    "change": "ändere(n)?$ aendere aktualisier setze(n)?$ verschieb umbenenn ersetze cambia cambie actualiz modifica "
    "modifique modifie(z|r)$ remplac déplac aggiorn sposta(re)?$ sostitu altere$ alterar mude$ mudar atualiz wijzig "
    "verander verplaats",
    "admit": "lade(n)?$ einlad nimm$ aufnehm füge$ fuege berechtig freigeb invita(r|re)?$ inviter invitez convid "
    "nodig$ uitnod añad ajoute aggiung adicion",
    "browse": "besuch öffne(n|t)?$ oeffne klick rufe$ visita(r)?$ visite(z|r)?$ abre$ abrir abra$ ouvre(z)?$ ouvrir "
    "cliqu(e|ez|er)$ consultez apri$ aprire clicca acesse bezoek klik$",
    "book": "buche(n|t)?$ reservier miete(n)?$ reserva(r)?$ alquil réserv louez prenot noleggi alugue "
    "reserveer boek$ huur$",
    "upload": "hochlad sube$ subir",
    "download": "herunterlad descarg télécharg scaric baixe baixar",
    "run": "führe(n)?$ fuehre ausführ starte(n)?$ installier ejecut exécut lancez esegu installeer",
    "secure": "passwort kennwort contraseña senha wachtwoord anmelde",
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
