"""Lambda: functions, their code and versions, and runs of that code in a subprocess."""
