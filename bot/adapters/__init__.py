"""Ports made real: DNS, SPF and DKIM libraries, GeoIP, Redis. Only the composition root picks among them."""
