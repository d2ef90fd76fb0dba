# syntax=docker/dockerfile:1
# docker build -t scimd .

FROM rust:1-bookworm AS build
WORKDIR /build
COPY . .
# Shown by `scimd version`.
ARG BUILD_COMMIT
# Cache mounts keep dependencies between builds without a layer of their own; what is needed later
# must therefore be copied out of them in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    BUILD_COMMIT="$BUILD_COMMIT" cargo build --locked --profile dist --bin scimd \
    && mkdir -p /out/data \
    && cp target/dist/scimd /out/scimd

# glibc, libgcc and the root certificates for TLS to Postgres; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/scimd /scimd
# A new volume takes over the owner of the folder it is mounted on.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
# As environment and working folder instead of flags, so that `docker exec … /scimd node list` and
# the health check see the settings of the server.
ENV SCIMD_LISTEN=0.0.0.0:8080
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/scimd", "healthcheck"]
ENTRYPOINT ["/scimd"]
CMD ["serve"]
