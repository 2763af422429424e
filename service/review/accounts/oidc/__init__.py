"""Sign-in through an identity provider: OpenID Connect Core 1.0, the authorization code flow with PKCE.

`party` says who we are, `provider` asks the other side, `handshakes` and `entering` are the desk's work.
Nothing here is imported where no provider is set: `provider` needs the extra ``oidc``.
"""

__all__: list[str] = []
