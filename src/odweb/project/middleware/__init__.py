"""What every request of the pages passes through, in the order `configure` lists."""
