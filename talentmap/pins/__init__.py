"""What the map may show: published places, open activities, names; never a home."""
