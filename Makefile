# The one script runner. `make` builds bin/gx.
GO      ?= go
GXFLAGS := -trimpath -buildvcs=auto -ldflags "-s -w"
# Without what the cloud library has for gRPC, and arrow for JSON (it asks for the tag
# tinygo to leave that out), and gx never calls: a fifth fewer packages.
TAGS := disable_grpc_modules,grpcnotrace,tinygo
export GOFLAGS ?= -tags=$(TAGS)
export CGO_ENABLED ?= 0
export GX_SHARED ?= $(abspath ../shared)
FUZZTIME ?= 20000x

.PHONY: all build demo test race check fmt vet lint cross fuzz bench bench-peers bench-model images images-buildah images-ko bench-images train-data train-statistics golden verify test-s3 clean

all: build

build:
	$(GO) build $(GXFLAGS) -o bin/ ./cmd/...

# The main job on data in the repository, from reads to an evaluated VCF.
demo: build
	./testdata/demo.sh

# The workers' images, amd64 and arm64, into out/images; SHELLS=1 those with a shell too.
images:
	$(if $(SHELLS),testdata/shells.sh out/shells amd64 arm64)
	$(GO) run ./cmd/internal/images -out out/images $(if $(SHELLS),-shell out/shells) $(IMAGEFLAGS)

# The same by the Dockerfile and buildah, and by ko; STAGES is which (all).
images-buildah:
	testdata/images-buildah.sh $(STAGES)
images-ko:
	testdata/images-ko.sh $(STAGES)

# Cold pull and start of a worker beside an image of 700 MB; writes docs/images.md.
bench-images: images
	testdata/bench-images.sh

# Every test, goldens included.
test:
	$(GO) test -timeout 25m ./...

# The same under the race detector; -short takes smaller sizes of the long ones.
race:
	CGO_ENABLED=1 $(GO) test -race -short -timeout 25m ./...

check: fmt vet lint race fuzz cross

fmt:
	@out=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi

vet:
	$(GO) vet ./...

lint:
	$(GO) tool staticcheck ./...

# What else gx must build for.
cross:
	GOOS=linux GOARCH=arm64 $(GO) build ./...
	GOOS=darwin GOARCH=arm64 $(GO) build ./...

# FUZZTIME of every fuzz target, from the kept corpus; counted, for a time that
# runs out while an input is tried is reported as that input's failure.
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "fuzz $$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg >/tmp/gx-fuzz.$$$$ 2>&1 || { cat /tmp/gx-fuzz.$$$$; exit 1; }; \
	  done; \
	done; rm -f /tmp/gx-fuzz.$$$$

bench:
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

# bcftools and freebayes beside gx on the same reads; writes docs/accuracy.md.
bench-peers: build
	./testdata/bench-peers.sh

# Models of gx beside each other on development sets: make bench-model MODELS="wgs counts".
bench-model: build
	./testdata/bench-model.sh $(or $(MODELS),counts)

# The reads that networks are trained on, into out/train (an hour), and what is
# false and true in them beside real reads, into docs/model/statistics.md.
train-data: build
	./testdata/train-data.sh
train-statistics:
	GX_TRAIN=$${OUT:-$(CURDIR)/out/train} $(GO) test ./workflows/stage -run TestLikeness -count 1 -v

# Rewrites the golden files and the generated tables in docs/ (look at the diff).
golden:
	$(GO) test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -args -update

# What is built on request only: s3:// names.
test-s3:
	GOFLAGS=-tags=s3,disable_grpc_modules,grpcnotrace,tinygo $(GO) vet ./io/object/s3 ./io/object/uri
	GOFLAGS=-tags=s3,disable_grpc_modules,grpcnotrace,tinygo $(GO) test -count 1 ./io/object/s3 ./io/object/uri

# Hours: chaos, fuzz budget, statistics, accuracy, peers; writes docs/verify/*.tsv.
verify:
	@mkdir -p docs/verify
	$(MAKE) test-s3
	$(GO) test -tags verify -run '^TestVerify' -count 1 -timeout 8h -v ./...

clean:
	rm -rf bin out
