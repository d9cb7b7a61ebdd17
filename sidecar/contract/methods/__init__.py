"""The contract's methods: one file for each subject, with its models and its rows.

A row is a module constant of the type `Method`; METHODS are all of them, in the order of the files. The models of all
subjects can be imported from here.
"""

from __future__ import annotations

from sidecar.contract.method import AnyMethod, Method
from sidecar.contract.methods import cameras, connections, encoder, process, statistics
from sidecar.contract.methods.cameras import *  # noqa: F403
from sidecar.contract.methods.connections import *  # noqa: F403
from sidecar.contract.methods.encoder import *  # noqa: F403
from sidecar.contract.methods.process import *  # noqa: F403
from sidecar.contract.methods.statistics import *  # noqa: F403
from sidecar.contract.models import Done as Done
from sidecar.contract.models import Empty as Empty

SUBJECTS = (process, cameras, connections, statistics, encoder)

METHODS: tuple[AnyMethod, ...] = tuple(
    row for subject in SUBJECTS for row in vars(subject).values() if isinstance(row, Method)
)
