"""The patterns by which GitHub selects branches and files, and the owners of files by them."""
