"""What attachments are, whatever they are called and whatever they are packed in."""
