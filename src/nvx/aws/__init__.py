"""The only door to boto3: typed calls, rate limits and an error taxonomy."""
