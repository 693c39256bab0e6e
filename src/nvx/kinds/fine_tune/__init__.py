"""Fine-tunes: one module for each method, and what the serverless ones share."""
