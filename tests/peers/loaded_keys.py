"""Imported for its effect: a private key is read once for each of its users.

pyHanko and certomancer read their key anew for each signature, and ``cryptography`` checks an RSA key
whenever it is read: 130 ms of computing for one of 3072 bits, beside 2 ms for the signature. Of a
peer that serves thousands of time stamps, or whose cost is measured with its keys loaded, that is
neither wanted nor fair.
"""

from functools import lru_cache

from cryptography.hazmat.primitives import serialization

serialization.load_der_private_key = lru_cache(maxsize=64)(serialization.load_der_private_key)
