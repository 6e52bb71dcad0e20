"""Pages and everything else that is HTTP and neither calendar nor drive."""
