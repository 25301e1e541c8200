# One image per worker, of its binary and the certificates alone:
#   docker build --build-arg STAGE=gx-call -t gx-call .
#   buildah bud --timestamp 0 --build-arg STAGE=gx-call -t gx-call .
# The same with a busybox, for engines that want bash and ps in the container:
#   docker build --build-arg STAGE=gx-call --target shell -t gx-call:shell .
# TAGS=nogcs leaves out gs://, for data on mounted volumes.
ARG GO_IMAGE=golang:1.26-alpine
ARG SHELL_IMAGE=busybox:1.37-musl

FROM --platform=${BUILDPLATFORM:-linux/amd64} ${GO_IMAGE} AS build
ARG STAGE=gx-call
ARG TAGS=disable_grpc_modules,grpcnotrace
ARG TARGETOS=linux
ARG TARGETARCH=amd64
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOMODCACHE=/go/pkg/mod
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false -tags "${TAGS}" -ldflags "-s -w -buildid=" -o /out/worker ./cmd/${STAGE}

FROM ${SHELL_IMAGE} AS shell
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/worker /usr/local/bin/worker
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/worker"]

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/worker /worker
USER 65532:65532
ENTRYPOINT ["/worker"]
