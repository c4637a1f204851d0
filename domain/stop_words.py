"""Words with which a customer ends, or takes up again, what a company sends: a whole message.

Words that also mean an order or a conversation (cancel, end, quit) are not among them.
"""

import unicodedata
from typing import Final, Literal, NamedTuple

Language = Literal["en", "id", "de", "es", "fr", "pt", "ar"]


class Words(NamedTuple):
    """Of one language, with what is answered once."""

    stop: str
    start: str
    stopped: str
    started: str


WORDS: Final[dict[Language, Words]] = {
    "en": Words(
        "stop | stop all | stopall | unsubscribe | opt out | optout | stop promotions",
        "start | subscribe | opt in | optin | unstop",
        "You will get no more promotional messages from us. Reply START to get them again.",
        "You will get our messages again. Reply STOP to end them.",
    ),
    "id": Words(
        "berhenti | berhenti langganan | hentikan | stop promosi",
        "mulai | langganan | berlangganan",
        "Anda tidak akan menerima pesan promosi lagi dari kami. Balas MULAI untuk menerimanya lagi.",
        "Anda akan menerima pesan kami lagi. Balas BERHENTI untuk mengakhirinya.",
    ),
    "de": Words(
        "stopp | abmelden | abbestellen | austragen",
        "anmelden | abonnieren",
        "Sie erhalten keine Werbung mehr von uns. Antworten Sie ANMELDEN, um sie wieder zu erhalten.",
        "Sie erhalten unsere Nachrichten wieder. Antworten Sie STOPP, um sie zu beenden.",
    ),
    "es": Words(
        "baja | darse de baja | darme de baja | detener | parar",
        "alta | darme de alta | suscribir | suscribirme",
        "No recibirá más mensajes promocionales. Responda ALTA para volver a recibirlos.",
        "Volverá a recibir nuestros mensajes. Responda BAJA para dejar de recibirlos.",
    ),
    "fr": Words(
        "arrêt | arret | arrêter | arreter | désabonner | desabonner | désinscrire",
        "reprendre | abonner | s'abonner",
        "Vous ne recevrez plus de messages promotionnels. Répondez REPRENDRE pour les recevoir.",
        "Vous recevrez de nouveau nos messages. Répondez ARRÊT pour ne plus les recevoir.",
    ),
    "pt": Words(
        "sair | descadastrar | cancelar inscrição | cancelar inscricao | remover",
        "voltar | inscrever | cadastrar",
        "Você não receberá mais mensagens promocionais. Responda VOLTAR para recebê-las de novo.",
        "Você voltará a receber nossas mensagens. Responda SAIR para deixar de recebê-las.",
    ),
    "ar": Words(
        "توقف | إيقاف | ايقاف | إلغاء الاشتراك | الغاء الاشتراك",
        "ابدأ | ابدا | اشتراك",
        "لن تصلك رسائل ترويجية منا بعد الآن. أرسل «ابدأ» لاستلامها من جديد.",
        "ستصلك رسائلنا من جديد. أرسل «توقف» لإيقافها.",
    ),
}


class Wish(NamedTuple):
    """What a message asks for, and in which word of which language."""

    stop: bool
    word: str
    answer: str


def wish(text: str) -> Wish | None:
    """What the whole message asks for, whatever its case and punctuation."""
    return _WISHES.get(_bare(text)) if len(text) <= LONGEST else None


LONGEST: Final = 64
"""A longer message is more than a word."""


def _bare(text: str) -> str:
    """Letters and digits of each word, in their plainest form."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = (c if unicodedata.category(c)[0] in "LMN" or c == "'" else " " for c in folded)
    return " ".join("".join(kept).split())


_WISHES: Final = {
    _bare(word): Wish(stop, word.strip(), words.stopped if stop else words.started)
    for words in WORDS.values()
    for stop, listed in ((True, words.stop), (False, words.start))
    for word in listed.split("|")
}
