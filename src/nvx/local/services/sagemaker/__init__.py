"""SageMaker: hubs, models, training jobs, pipelines, lineage, search.

Nothing here runs by itself. A job is a document with a timetable; its state is read off the clock,
and what it leaves behind (objects, model packages, log lines, step results) is settled once, when
a request next looks. `settling.settle` is that look.
"""
