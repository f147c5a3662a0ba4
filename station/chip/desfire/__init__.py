"""MIFARE DESFire as a host sees it: framing below, a session that protects, commands on top.

``link`` carries a command through the session; ``auth``, ``applications``, ``files`` and ``keys`` are the commands;
``session`` is EV1 secure messaging with AES. Other generations are other sessions, under the same link.
"""
