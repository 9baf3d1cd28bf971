"""The other help desk that the settings name, with the library that it needs and no other."""

from bot.model import DeskAccount, DeskKind
from bot.ports import Clock, Desk


def open_other_desk(account: DeskAccount, clock: Clock) -> Desk:
    """Connects to nothing yet. Raises BadSetting."""
    match account.kind:
        case DeskKind.JIRA:
            return _jira(account)
        case DeskKind.ZENDESK:
            from bot.adapters.desks.zendesk import Zendesk

            return Zendesk(account.url, account.user, account.token, ca=account.ca)
        case DeskKind.WEBHOOK:
            from bot.adapters.desks.webhook import Webhook

            return Webhook(account.url, account.token, clock, ca=account.ca)
        case DeskKind.MAIL:
            from bot.adapters.desks.mail import Mail

            return Mail(account.url, account.sender, account.to, account.user, account.token, ca=account.ca)


def _jira(account: DeskAccount) -> Desk:
    from bot.adapters.desks.jira import Jira

    return Jira(
        account.url,
        account.user,
        account.token,
        account.project,
        request_type=account.request_type,
        issue_type=account.issue_type,
        ca=account.ca,
    )
