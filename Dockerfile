# One image per worker: its binary, certificates and /tmp on an empty base.
#   docker build --build-arg STAGE=gx-call -t gx-call .
#   buildah bud --timestamp 0 --build-arg STAGE=gx-call -t gx-call .      # testdata/images-buildah.sh: all workers, both architectures
# The same with bash and a busybox, for engines that start a script in the container:
#   docker build --build-arg STAGE=gx-call --target shell -t gx-call:shell .
# TAGS=nogcs,tinygo leaves out gs:// and http://, for data on mounted volumes.
ARG GO_IMAGE=golang:1.26-alpine
ARG DEBIAN_IMAGE=debian:12-slim

FROM --platform=${BUILDPLATFORM:-linux/amd64} ${GO_IMAGE} AS build
ARG STAGE=gx-call
ARG TAGS=disable_grpc_modules,grpcnotrace,tinygo
ARG TARGETOS=linux
ARG TARGETARCH=amd64
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOMODCACHE=/go/pkg/mod
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false -tags "${TAGS}" -ldflags "-s -w -buildid=" -o /root.fs/usr/local/bin/${STAGE} ./cmd/${STAGE}
RUN ln -s ${STAGE} /root.fs/usr/local/bin/worker && mkdir -p /root.fs/etc/ssl/certs && cp /etc/ssl/certs/ca-certificates.crt /root.fs/etc/ssl/certs/ && \
    mkdir /root.fs/tmp && chmod 1777 /root.fs/tmp

FROM --platform=${BUILDPLATFORM:-linux/amd64} ${DEBIAN_IMAGE} AS shells
ARG TARGETARCH=amd64
COPY testdata/shells.sh /
RUN sh /shells.sh /shells ${TARGETARCH}

FROM scratch AS shell
ARG TARGETARCH=amd64
COPY --from=build /root.fs/ /
COPY --from=shells /shells/${TARGETARCH}/root/ /
ENV PATH=/usr/local/bin:/bin
USER 65532:65532
CMD ["/bin/bash"]

FROM scratch
COPY --from=build /root.fs/ /
ENV PATH=/usr/local/bin:/bin
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/worker"]
