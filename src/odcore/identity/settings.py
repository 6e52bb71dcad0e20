"""What signing in cannot know by itself."""

from typing import Annotated

from msgspec import Meta, Struct


class IdentitySettings(Struct, frozen=True, kw_only=True):
    """Rules for signing in with mail and calendar apps."""

    directory_password: Annotated[
        bool, Meta(description="Let apps sign in with the directory password; off: with device passwords only.")
    ] = True
    remember: Annotated[
        int, Meta(description="Seconds a successful sign-in is remembered, as a salted digest.", ge=0, le=3600)
    ] = 300
