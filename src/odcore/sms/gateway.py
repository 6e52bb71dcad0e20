"""Any gateway that takes a text message by one HTTP request; which one is the house's affair, told by settings."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

from odcore.errors import Fault, Kind
from odcore.net.tls import client_context
from odcore.sms.api import Sms
from odcore.sms.settings import SmsSettings

_PATIENCE = 15.0  # seconds
_LONGEST_ANSWER = 64 << 10
_LATER = (408, 425, 429)


class _Steadfast(urllib.request.HTTPRedirectHandler):
    """A gateway that moves elsewhere is an error: messages go to the configured address and to no other."""

    def redirect_request(self, *_args: Any, **_facts: Any) -> None:
        return None


class HttpGateway:
    """`odcore.sms.api.Gateway`"""

    def __init__(self, settings: SmsSettings) -> None:
        self._settings = settings
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=client_context()), _Steadfast()
        )

    def send(self, message: Sms) -> None:
        request = self._request(message)
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                said = answer.read(_LONGEST_ANSWER).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            later = error.code >= 500 or error.code in _LATER
            kind = Kind.TRY_LATER if later else Kind.BAD_REQUEST
            raise Fault(kind, f"The gateway answered {error.code}.") from error
        except (OSError, ValueError) as error:
            raise Fault(Kind.TRY_LATER, f"The gateway cannot be reached: {type(error).__name__}") from error
        if self._settings.success not in said:
            raise Fault(Kind.TRY_LATER, "The gateway did not take the message.")

    def _request(self, message: Sms) -> urllib.request.Request:
        chosen = self._settings
        url = self._filled(chosen.url, message, lambda value: quote(value, safe=""))
        if not chosen.body:
            request = urllib.request.Request(url)  # noqa: S310 - the setting allows no other scheme
        elif chosen.body.lstrip().startswith(("{", "[")):
            body = self._filled(chosen.body, message, lambda value: json.dumps(value)[1:-1])
            request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})  # noqa: S310
        else:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            request = urllib.request.Request(url, self._filled(chosen.body, message, quote_plus).encode(), form)  # noqa: S310
        name, colon, value = self._filled(chosen.header, message, str).partition(":")
        if colon:
            request.add_header(name.strip(), value.strip())
        return request

    def _filled(self, pattern: str, message: Sms, encoded: Callable[[str], str]) -> str:
        number = message.number.lstrip("+")
        values = {
            "number": number,
            "mobile": number[-10:],
            "template": self._settings.templates.get(message.template, ""),
            "key": self._settings.key.read() if self._settings.key else "",
            "text": message.worded(self._settings.texts),  # the last: what it says is filled in nowhere
        }
        for name, value in values.items():
            pattern = pattern.replace(f"{{{name}}}", encoded(value))
        return pattern
