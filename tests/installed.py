"""Print the address of a server installed on this machine, if it lets us in (`.ci/run`).

PostgreSQL gets a database of the run's own. The reason it cannot be used goes to standard error.
"""

import os
import sys
from contextlib import closing

import psycopg2
import redis
from kombu import Connection
from kombu.exceptions import OperationalError

_DATABASE = "certification_ci"


def postgresql() -> str:
    """Return a database of our own, made if need be, that may create further ones."""
    for user in dict.fromkeys(("postgres", os.environ.get("USER", "root"))):
        try:
            connection = psycopg2.connect(host="127.0.0.1", user=user, dbname="postgres")
        except psycopg2.OperationalError as error:
            refusal = error
            continue
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (_DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {_DATABASE}")
        return f"postgresql://{user}@127.0.0.1:5432/{_DATABASE}"
    raise refusal


def redis_url() -> str:
    """Return the last of the usual sixteen databases."""
    url = "redis://127.0.0.1:6379/15"
    with redis.Redis.from_url(url) as client:
        client.ping()
    return url


def rabbitmq() -> str:
    """Return the default virtual host as its default user."""
    url = "amqp://guest:guest@127.0.0.1:5672//"
    with Connection(url, connect_timeout=3) as connection:
        connection.connect()
    return url


if __name__ == "__main__":
    find = {"postgresql": postgresql, "redis": redis_url, "rabbitmq": rabbitmq}[sys.argv[1]]
    try:
        print(find())  # noqa: T201
    except (psycopg2.Error, redis.RedisError, OperationalError, OSError) as error:
        sys.exit(f"skipped: {sys.argv[1]} answers but cannot be used: {error}")
