"""Starting, stopping and checking the product on one machine. Plain Python, no Django inside."""
