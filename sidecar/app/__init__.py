"""The composition root: the only place that knows every concrete class. Start, reload, drain.

`root` puts the parts together; each of the others makes one part of it out of the settings, or keeps one running
that nothing else may know of: the clock, the issuers' keys, what revokes, what the sidecar shows of itself.
"""

from sidecar.app.detectors import look_for_models, started_detector
from sidecar.app.parts import enforcer, opener, sizes
from sidecar.app.root import Sidecar, serving

__all__ = ["Sidecar", "enforcer", "look_for_models", "opener", "serving", "sizes", "started_detector"]
