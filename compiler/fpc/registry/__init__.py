"""Questions to a compiled registry: what there is, who owns it, who reads it. Pure, and without the specs."""
