"""Mails signed with keys made for the tests."""

import dkim

RSA_PRIVATE = b"""-----BEGIN RSA PRIVATE KEY-----
MIICXgIBAAKBgQDPrvkpM13D2SYitPsBRb/vE5cxPnYH7L9I+NSL3t15CB8mAUrs
DASTIMCRMRd8re+wHimZBwKtCWAD09Nhfj9bx6o/kjcXeohKow869dU+XXemSKrm
SE5jZPJ7QZ1MRT0hon64Y1Q910RvAPagdK3tHdbG0HGxqYEB1XfelWL9tQIDAQAB
AoGBAJ/7NUwbmXsoZ0wNBd3xEOzltm3ko59vK9rWc0RbpVd6fiQUktZKW6vKawxt
OJ5+jkios3qB//mzYxcPsaFEUyDI5ZSx/JA13meh6MBiHuRnE+PG28sRAIcgvXaK
oFKK4bzEs7pJ5JVG48bGa+LBiqSdpaiCLU90JXkedwbporoBAkEA6UbUfN3rcIZ/
/LQzbX+fs599fu7tLKamGemIjd0rkTaNuCecoZ3rG6bbF88IlxtA6U5dY/S5HmI9
KX398KTfoQJBAOPp7nFJqgdgjJm8uWKmrkWZ38DAM92hP3zJqqyoL+ZT5p6o0OwM
xrzeJwmIvvcVKrFObiFjjBRQao1EEXFQtZUCQQCr7BO2YyedqsKwz24HiUN98lFf
N198xOUtu7t0MkhloTsZObhqNCSOII7gISlHlEJmr+aMQFQeXHCPH9gDfr+BAkEA
4x4O+t3JjihsdBdZNjGboMhB7TabeNRjC9t7NSs08HXTb3ATIedpdHR8ukeG5Xo2
XRInNSaaRPQN+lBGgYFIMQJAeQJ6UPjuXo1jeKT6kWM+vyhJXHWGIVy2/wdyiSAn
VinFDjESXBT2X3AeStjlhylX6zOixDGugPWV13LHcLCDhg==
-----END RSA PRIVATE KEY-----
"""
RSA_RECORD = (
    "v=DKIM1; k=rsa; p="
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDPrvkpM13D2SYitPsBRb/vE5cxPnYH7L9I+NSL3t15CB8mAUrsDA"
    "STIMCRMRd8re+wHimZBwKtCWAD09Nhfj9bx6o/kjcXeohKow869dU+XXemSKrmSE5jZPJ7QZ1MRT0hon64Y1Q910Rv"
    "APagdK3tHdbG0HGxqYEB1XfelWL9tQIDAQAB"
)

ED25519_PRIVATE = b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ED25519_RECORD = "v=DKIM1; k=ed25519; p=A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

MAIL = (
    b"From: Maria Example <maria@example.org>\r\n"
    b"To: Bob <bob@example.com>\r\n"
    b"Subject: Lunch\r\n"
    b"Date: Tue, 02 Jun 2026 10:00:00 +0200\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"\r\n"
    b"See you  at noon. \r\n"
    b"\r\n"
)


def sign(
    raw: bytes = MAIL,
    *,
    domain: str = "example.org",
    selector: str = "s1",
    algorithm: str = "rsa-sha256",
    body: str = "relaxed",
    length: bool = False,
) -> bytes:
    """The mail with a DKIM-Signature on top."""
    key = ED25519_PRIVATE if algorithm.startswith("ed25519") else RSA_PRIVATE
    field = dkim.sign(
        raw,
        selector.encode(),
        domain.encode(),
        key,
        canonicalize=(b"relaxed", body.encode()),
        signature_algorithm=algorithm.encode(),
        length=length,
    )
    return bytes(field) + raw


def seal(raw: bytes, *, domain: str = "forwarder.test", instance_cv: str = "none") -> bytes:
    """The mail with an ARC set on top, as a forwarder would add it."""
    stamped = (
        f"Authentication-Results: {domain}; arc={instance_cv}; spf=pass smtp.mailfrom=maria@example.org\r\n".encode()
    )
    fields = dkim.ARC(stamped + raw).sign(b"s1", domain.encode(), RSA_PRIVATE, domain.encode())
    return b"".join(fields) + stamped + raw


def key_zone(*names: str, record: str = RSA_RECORD) -> dict[str, dict[str, list[str | bytes]]]:
    """Key records under `selector.domain` names."""
    return {f"{name.partition('.')[0]}._domainkey.{name.partition('.')[2]}": {"TXT": [record]} for name in names}
