// Package s3 is the Store of S3 and of what speaks like it: names are
// s3://bucket/name. It is part of programs that are built with -tags s3 only,
// for its library is as large as gx. Objects are pinned to their ETag when they
// are opened, so that what is read is of one object; what is written appears
// whole, by the service's own promise.
package s3
