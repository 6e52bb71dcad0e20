"""What is done to the filter's memory, one transaction each."""
