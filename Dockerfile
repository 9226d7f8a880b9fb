# One image for the three functions: FUNCTION_TARGET says which one runs. See docs/self-host.md.
FROM python:3.13-slim AS packages
# The version that wrote uv.lock, as in the Makefile.
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /packages
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-default-groups --no-install-project --extra ses --compile-bytecode

FROM python:3.13-slim
COPY --from=packages /packages/.venv /packages/.venv
WORKDIR /accueil
COPY LICENSE Procfile main.py ./
COPY functions functions
COPY sheets_schema sheets_schema
# Nothing is written, so the image runs with a read-only root. Nobody else has this number.
USER 10001:10001
ENV PATH=/packages/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
  CMD ["python", "-c", "import http.client, os; call = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT', '8080')), timeout=4); call.request('GET', '/health'); raise SystemExit(call.getresponse().status >= 500)"]
CMD ["python", "main.py"]
