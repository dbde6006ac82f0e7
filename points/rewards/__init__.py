"""What points are for: a catalogue with stock, requests, a committee that decides, hand-over."""
