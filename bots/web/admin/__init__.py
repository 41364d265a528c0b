"""The page on which a town's people look at kept photos: who may, what comes up, what they say of it, what leaves."""

from bots.web.admin.app import add_admin
from bots.web.admin.house import AdminHouse, ModelChange, Models
from bots.web.admin.people import AdminPerson, new_token, token_digest

__all__ = ["AdminHouse", "AdminPerson", "ModelChange", "Models", "add_admin", "new_token", "token_digest"]
