"""What refreshes read and wrote, told to an OpenLineage server where one is configured."""

from fpc.runtime.lineage.sender import Teller, teller

__all__ = ("Teller", "teller")
