"""A second, slow model of the measuring rules: minute by minute, written from the contract, sharing no code with it.

Statements and agreements are plain dicts; instants are whole minutes counted from a base. What it says is compared with
what the engine says, on random incidents.
"""
