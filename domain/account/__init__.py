"""An account is one WhatsApp number of a workspace, reached over the Cloud API or through WAHA.

Absent -> connected <-> disconnected; while connected it may be paused, which stops its sending. A
WAHA number has a session, whose status is the provider's to say.
"""

from domain.account.commands import (
    AccountCommand,
    AllowCampaigns,
    AnswerSession,
    AskSession,
    ConnectNumber,
    DisconnectNumber,
    ForbidCampaigns,
    PauseNumber,
    ReportNumber,
    ReportSession,
    ResumeNumber,
    ShowQr,
)
from domain.account.connecting import (
    FASTEST,
    SESSION_NAME,
    SLOWEST_MS,
    WAHA_MESSAGES_PER_DAY,
    WAHA_MOST_PER_DAY,
    WAHA_PACE_MS,
    WAHA_QUICKEST_MS,
)
from domain.account.decider import account
from domain.account.events import (
    AccountEvent,
    CampaignsAllowed,
    CampaignsForbidden,
    NumberConnected,
    NumberDisconnected,
    NumberPaused,
    NumberQualityChanged,
    NumberReported,
    NumberResumed,
    ProviderName,
    Quality,
    SessionAction,
    SessionAnswered,
    SessionAsked,
    SessionChanged,
    SessionQrShown,
    SessionStatus,
)
from domain.account.sessions import SESSION_DOWN
from domain.account.state import Account, Session

__all__ = [
    "FASTEST",
    "SESSION_DOWN",
    "SESSION_NAME",
    "SLOWEST_MS",
    "WAHA_MESSAGES_PER_DAY",
    "WAHA_MOST_PER_DAY",
    "WAHA_PACE_MS",
    "WAHA_QUICKEST_MS",
    "Account",
    "AccountCommand",
    "AccountEvent",
    "AllowCampaigns",
    "AnswerSession",
    "AskSession",
    "CampaignsAllowed",
    "CampaignsForbidden",
    "ConnectNumber",
    "DisconnectNumber",
    "ForbidCampaigns",
    "NumberConnected",
    "NumberDisconnected",
    "NumberPaused",
    "NumberQualityChanged",
    "NumberReported",
    "NumberResumed",
    "PauseNumber",
    "ProviderName",
    "Quality",
    "ReportNumber",
    "ReportSession",
    "ResumeNumber",
    "Session",
    "SessionAction",
    "SessionAnswered",
    "SessionAsked",
    "SessionChanged",
    "SessionQrShown",
    "SessionStatus",
    "ShowQr",
    "account",
]
