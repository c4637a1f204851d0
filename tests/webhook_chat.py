"""What people write, echoes from the phone and calls, as the Cloud API shapes them: a kind each."""

SHOWN = "15550000001"
ANA = {"profile": {"name": "Ana Roy", "username": "ana.r"}, "wa_id": "4915500000001"}
ANA |= {"user_id": "DE.77", "parent_user_id": "DE.ENT.7"}
FIRST = 1_760_000_000
SHA = "Zm9vYmFy"
UNSUPPORTED = {
    "code": 131051,
    "title": "Unsupported message",
    "message": "Unsupported message",
    "error_data": {"details": "This kind is not passed on."},
}
QUOTES = {"from": SHOWN, "id": "wamid.QUOTED"}

ITEMS = {
    "text": {"type": "text", "text": {"body": "Is the blue one in stock?"}},
    "text_quoting": {"type": "text", "context": QUOTES, "text": {"body": "this one"}},
    "text_forwarded": {"type": "text", "context": {"forwarded": True}, "text": {"body": "look"}},
    "text_about_product": {
        "type": "text",
        "context": QUOTES | {"referred_product": {"catalog_id": "C7", "product_retailer_id": "p"}},
        "text": {"body": "in red?"},
    },
    "text_from_advert": {
        "type": "text",
        "text": {"body": "I saw your advert"},
        "referral": {
            "source_url": "https://ads.test/1",
            "source_id": "ad-1",
            "source_type": "ad",
            "headline": "Spring",
            "body": "All must go",
            "media_type": "image",
            "ctwa_clid": "click-1",
        },
    },
    "image": {
        "type": "image",
        "image": {
            "id": "m-1",
            "mime_type": "image/jpeg",
            "sha256": SHA,
            "caption": "the crack",
            "url": "https://media.test/m-1",
        },
    },
    "video": {"type": "video", "video": {"id": "m-2", "mime_type": "video/mp4", "sha256": SHA}},
    "audio": {
        "type": "audio",
        "audio": {"id": "m-3", "mime_type": "audio/mpeg", "sha256": SHA, "voice": False},
    },
    "voice": {
        "type": "audio",
        "audio": {"id": "m-4", "mime_type": "audio/ogg; codecs=opus", "sha256": SHA, "voice": True},
    },
    "document": {
        "type": "document",
        "document": {
            "id": "m-5",
            "mime_type": "application/pdf",
            "sha256": SHA,
            "filename": "order 7.pdf",
            "caption": "my order",
        },
    },
    "sticker": {
        "type": "sticker",
        "sticker": {"id": "m-6", "mime_type": "image/webp", "sha256": SHA, "animated": True},
    },
    "location": {
        "type": "location",
        "location": {"latitude": -6.2, "longitude": 106.8, "name": "Monas", "address": "Jakarta"},
    },
    "location_bare": {"type": "location", "location": {"latitude": 1.5, "longitude": 2.25}},
    "contacts": {
        "type": "contacts",
        "contacts": [
            {
                "name": {"formatted_name": "Bo Lee", "first_name": "Bo"},
                "phones": [{"phone": "+49 155 22", "wa_id": "4915522", "type": "CELL"}],
                "emails": [{"email": "bo@shop.test", "type": "WORK"}],
            },
            {"name": {"formatted_name": "Cy"}},
        ],
    },
    "reaction": {"type": "reaction", "reaction": {"message_id": "wamid.LIKED", "emoji": "🙏"}},
    "reaction_taken_back": {"type": "reaction", "reaction": {"message_id": "wamid.UNLIKED"}},
    "button": {
        "type": "button",
        "context": QUOTES,
        "button": {"payload": "more-please", "text": "More"},
    },
    "button_reply": {
        "type": "interactive",
        "context": QUOTES,
        "interactive": {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes!"}},
    },
    "list_reply": {
        "type": "interactive",
        "context": QUOTES,
        "interactive": {
            "type": "list_reply",
            "list_reply": {"id": "row-2", "title": "Tuesday", "description": "10 to 12"},
        },
    },
    "flow_reply": {
        "type": "interactive",
        "context": QUOTES,
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"size":"L"}'},
        },
    },
    "call_permission": {
        "type": "interactive",
        "context": QUOTES,
        "interactive": {
            "type": "call_permission_reply",
            "call_permission_reply": {
                "response": "accept",
                "expiration_timestamp": FIRST + 9000,
                "response_source": "user_action",
            },
        },
    },
    "order": {
        "type": "order",
        "order": {
            "catalog_id": "C7",
            "text": "for Friday",
            "product_items": [
                {"product_retailer_id": "p", "quantity": 2, "item_price": 3.5, "currency": "EUR"}
            ],
        },
    },
    "identity_changed": {
        "type": "system",
        "system": {"type": "customer_identity_changed", "body": "The security code has changed"},
        "identity": {"acknowledged": True, "created_timestamp": str(FIRST), "hash": "h-1"},
    },
    "edit": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.EDITED",
            "message": {"type": "text", "context": QUOTES, "text": {"body": "the green one"}},
        },
    },
    "edit_of_image": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.EDITED2",
            "message": {
                "type": "image",
                "image": {"id": "m-1", "mime_type": "image/jpeg", "sha256": SHA, "caption": "mine"},
            },
        },
    },
    "revoke": {"type": "revoke", "revoke": {"original_message_id": "wamid.REVOKED"}},
    "unsupported": {
        "type": "unsupported",
        "unsupported": {"type": "poll"},
        "errors": [UNSUPPORTED],
    },
    "unknown": {"type": "unknown", "errors": [UNSUPPORTED]},
    "invented_later": {"type": "hologram", "hologram": {"id": "x", "depth": 3}},
    "of_a_group": {"type": "text", "group_id": "G-1", "text": {"body": "hello all"}},
}
ECHOES = {
    "echo": {"type": "text", "text": {"body": "we are open till six"}},
    "echo_of_image": ITEMS["image"],
    "echo_edit": {
        "type": "edit",
        "edit": {
            "original_message_id": "wamid.ECHOED",
            "message": {"type": "text", "text": {"body": "till seven"}},
        },
    },
    "echo_revoke": {"type": "revoke", "revoke": {"original_message_id": "wamid.ECHOED2"}},
    "echo_reaction": {
        "type": "reaction",
        "reaction": {"message_id": "wamid.LIKED2", "emoji": "👍"},
    },
}
CALLS = {
    "call_rings": {
        "event": "connect",
        "direction": "USER_INITIATED",
        "session": {"sdp_type": "offer", "sdp": "v=0"},
    },
    "call_ends": {
        "event": "terminate",
        "direction": "USER_INITIATED",
        "status": "COMPLETED",
        "start_time": str(FIRST),
        "end_time": str(FIRST + 61),
        "duration": 61,
    },
    "call_fails": {"event": "terminate", "direction": "USER_INITIATED", "status": "FAILED"},
    "call_placed": {
        "event": "connect",
        "direction": "BUSINESS_INITIATED",
        "session": {"sdp_type": "answer", "sdp": "v=0"},
    },
}
