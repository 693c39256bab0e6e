"""S3: buckets, objects, versions, multipart uploads, checksums and conditional requests."""
