"""A token that stands for itself (RFC 6750, 2.1)."""

import requests
from requests.auth import AuthBase


class Bearer(AuthBase):
    """Puts the token into each request; it is in no repr."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r
