"""Bedrock: foundation models, evaluation jobs, customization jobs, tags.

Nothing here runs by itself: a job is a document with a timetable, and what it leaves behind is
settled when a request next looks.
"""
