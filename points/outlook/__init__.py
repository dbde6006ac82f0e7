"""What a book owes: points alive against stock, promises of sponsors and the pace of spending."""
