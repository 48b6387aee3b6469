# Builds one static binary and puts it on a base of your choice:
#
#   docker build -t persona-api .
#   docker run -p 8080:8080 -v persona-data:/data persona-api
#
# GO_IMAGE builds; it needs Go and certificates. BASE_IMAGE runs; of what is in it
# only /tmp is used. Debian's slim image brings a shell to look around with:
#
#   docker build --build-arg BASE_IMAGE=debian:12-slim -t persona-api .
ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=gcr.io/distroless/static-debian12

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# CGO_ENABLED=0: both databases' drivers are pure Go, so the binary needs no libc.
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/usr/local/bin/ . ./deploy/healthcheck \
 && mkdir -p /out/data /out/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/

FROM ${BASE_IMAGE}
COPY --from=build /out/etc /etc
COPY --from=build /out/usr/local/bin /usr/local/bin
# By number, so that Kubernetes can see that it is not root, and no /etc/passwd is needed.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV ADDR=:8080 DATA_DIR=/data
VOLUME /data
EXPOSE 8080
# /health of the server in this container; a base without a shell has no curl either.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["/usr/local/bin/healthcheck"]
ENTRYPOINT ["/usr/local/bin/persona-api"]
