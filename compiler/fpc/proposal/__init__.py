"""Examples proposed from a view's own data, chosen so that they fail when the view's logic is changed."""
