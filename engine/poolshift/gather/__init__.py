"""Stages 0 to 2: reads both ends, maps, spills and matches. Gives no verdicts.

Everything that grows with the number of people lies in encrypted spill files of one work folder, in partitions; memory
holds one page, the write buffers, or one partition. Rules, bounds and laws: ``docs/matching.md``.
"""
