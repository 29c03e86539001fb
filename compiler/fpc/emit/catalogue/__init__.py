"""The catalogue: a static site about everything in a repository, for people who look for features.

It opens from a file, offline: no server, no request to anywhere, scripts from the site's own folder alone. Pages are a
function of the specs and of what refreshes recorded; whatever a spec or the data say is shown as text.
"""

from fpc.emit.catalogue.site import catalogue
from fpc.emit.catalogue.static import static_files

__all__ = ("catalogue", "static_files")
