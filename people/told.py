"""What a company may choose of who is told what: choices of `AccessSettings`."""

from __future__ import annotations

from django.db import models


class Visibility(models.TextChoices):
    """Whose leads people who work leads see besides their own. Who sees all does so anyhow."""

    OPEN = "OPEN", "Open: everybody who works leads sees every lead"
    TEAM_TREE = "TEAM_TREE", "Team tree: reps see their team’s, managers their teams’ and below"
    OWN = "OWN", "Own: reps see what concerns them alone, managers their teams’ and below"


class PeopleFigures(models.TextChoices):
    """Who is told the figures of single people by name. Who leads or audits is so anyhow."""

    SELF = "SELF", "Themselves and who leads them; others are told of colleagues together"
    TEAM = "TEAM", "Their team, too"
