"""MIFARE DESFire as a host sees it: framing below, a session that protects, commands on top.

``link`` carries a ``native`` command through ``messaging`` and the framing. The sessions are ``session_d40`` (first
DESFire), ``session`` (EV1) and ``session_ev2``; ``auth`` opens them. The commands: ``picc`` and ``applications`` for
the card, ``keys``, ``files`` with ``values`` and ``records`` in them, ``transaction_mac``, ``originality``,
``proximity``. What a card tells about itself is in ``model``.
"""
