"""What administrators see and change beside people and posts: offices, lists, queue, traces, audit trail, reports."""
