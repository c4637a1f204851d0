"""The assistant that needs nobody else: short lists of words, and a sentence to begin with."""

from typing import Final

from domain.assistance import Sentiment
from domain.rule.matching import contains

_GLAD: Final = (
    "thanks",
    "thank you",
    "great",
    "perfect",
    "terima kasih",
    "mantap",
    "bagus",
    "danke",
    "super",
    "gracias",
    "genial",
    "merci",
    "parfait",
    "obrigado",
    "obrigada",
    "ótimo",
    "شكرا",
    "ممتاز",
)
_CROSS: Final = (
    "bad",
    "broken",
    "complaint",
    "refund",
    "late",
    "angry",
    "kecewa",
    "rusak",
    "lambat",
    "schlecht",
    "kaputt",
    "beschwerde",
    "malo",
    "roto",
    "queja",
    "mauvais",
    "cassé",
    "plainte",
    "ruim",
    "quebrado",
    "reclamação",
    "سيء",
    "مكسور",
    "شكوى",
)
_DRAFTS: Final[dict[str, dict[Sentiment, str]]] = {
    "en": {
        "positive": "Thank you for your kind words!",
        "neutral": "Thank you for your message. Let me look into it for you.",
        "negative": "I am sorry about that. Let me see at once what I can do for you.",
    },
    "id": {
        "positive": "Terima kasih banyak!",
        "neutral": "Terima kasih atas pesan Anda. Saya periksa dulu, ya.",
        "negative": "Mohon maaf atas hal itu. Saya segera periksa untuk Anda.",
    },
    "de": {
        "positive": "Vielen Dank, das freut uns!",
        "neutral": "Danke für Ihre Nachricht. Ich sehe gleich für Sie nach.",
        "negative": "Das tut mir leid. Ich kümmere mich sofort darum.",
    },
    "es": {
        "positive": "¡Muchas gracias!",
        "neutral": "Gracias por su mensaje. Lo reviso enseguida.",
        "negative": "Lo siento mucho. Lo reviso de inmediato.",
    },
    "fr": {
        "positive": "Merci beaucoup !",
        "neutral": "Merci pour votre message. Je regarde tout de suite.",
        "negative": "Je suis désolé. Je m'en occupe immédiatement.",
    },
    "pt": {
        "positive": "Muito obrigado!",
        "neutral": "Obrigado pela mensagem. Já vou verificar.",
        "negative": "Sinto muito. Vou resolver isso agora mesmo.",
    },
    "ar": {
        "positive": "شكرا جزيلا لك!",
        "neutral": "شكرا على رسالتك. سأتحقق من الأمر حالا.",
        "negative": "نعتذر عن ذلك. سأعالج الأمر فورا.",
    },
}


class LocalAssistant:
    def draft(self, said: str, language: str) -> str:
        """In the contact's language where it is one of these, else in English."""
        drafts = _DRAFTS.get(language.replace("_", "-").partition("-")[0].casefold(), _DRAFTS["en"])
        return drafts[self.sentiment(said, language)]

    def sentiment(self, said: str, language: str) -> Sentiment:
        """A complaint counts more than a thank you; all languages are looked for."""
        del language
        if contains(said, _CROSS):
            return "negative"
        return "positive" if contains(said, _GLAD) else "neutral"
