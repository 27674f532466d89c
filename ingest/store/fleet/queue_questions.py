"""The questions about jobs and workers, as the server gets them; queue.py asks them.

Each goes by an index: sources by their time, jobs by the lock of what is queued or running, by status, by worker.
A worker is alive that has been heard of within two of its own heartbeats.
"""

DUE = """
    SELECT source.name FROM source
    WHERE (source.next_due_at <= :now OR source.next_due_at > :wrong)
      AND source.retired_at IS NULL AND NOT source.ad_hoc
      AND NOT EXISTS (SELECT FROM fleet.procrastinate_jobs AS job
                      WHERE job.queueing_lock = source.name AND job.status = 'todo')
      AND NOT EXISTS (SELECT FROM fleet.procrastinate_jobs AS job
                      WHERE job.lock = source.name AND job.status = 'doing')
    ORDER BY source.next_due_at"""

UNQUEUED = """
    SELECT source.name FROM source
    WHERE source.name = ANY(CAST(:names AS text[])) AND source.retired_at IS NULL
      AND NOT EXISTS (SELECT FROM fleet.procrastinate_jobs AS job
                      WHERE job.queueing_lock = source.name AND job.status = 'todo')"""

RUNNABLE = """
    SELECT count(*) FROM (
        SELECT FROM fleet.procrastinate_jobs
        WHERE status = 'todo' AND queue_name = 'crawl' AND (scheduled_at IS NULL OR scheduled_at <= now())
        LIMIT :most) AS runnable"""

CONCURRENCY = """
    SELECT sum(worker.concurrency) FROM fleet.worker
    JOIN fleet.procrastinate_workers AS known ON known.id = worker.id
    WHERE known.last_heartbeat > now() - make_interval(secs => 2 * worker.heartbeat_s)"""

ANNOUNCE = """
    INSERT INTO fleet.worker (id, machine, pid, home, version, concurrency, heartbeat_s)
    VALUES (:id, :machine, :pid, :home, :version, :concurrency, :heartbeat_s) ON CONFLICT (id) DO NOTHING"""

WORKERS = """
    SELECT worker.id, worker.machine, worker.pid, worker.version, worker.concurrency, worker.begun_at,
           known.last_heartbeat AS heartbeat_at, extract(epoch FROM now() - known.last_heartbeat)::float AS silent_s,
           known.last_heartbeat <= now() - make_interval(secs => 2 * worker.heartbeat_s) AS stalled,
           (SELECT count(*) FROM fleet.procrastinate_jobs AS job
            WHERE job.worker_id = worker.id AND job.status = 'doing') AS sources
    FROM fleet.worker JOIN fleet.procrastinate_workers AS known ON known.id = worker.id ORDER BY worker.id"""

LEASES = """
    SELECT job.args->>'source' AS source, job.attempts, worker.id AS worker, worker.machine,
           (SELECT max(event.at) FROM fleet.procrastinate_events AS event
            WHERE event.job_id = job.id AND event.type = 'started') AS since,
           (known.last_heartbeat > now() - make_interval(secs => 2 * worker.heartbeat_s)) IS NOT TRUE AS stalled
    FROM fleet.procrastinate_jobs AS job
    LEFT JOIN fleet.worker ON worker.id = job.worker_id
    LEFT JOIN fleet.procrastinate_workers AS known ON known.id = worker.id
    WHERE job.status = 'doing' AND job.task_name = 'crawl' ORDER BY 1"""

DEPTH = """
    SELECT count(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS todo,
           count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,
           count(*) FILTER (WHERE status = 'doing') AS doing,
           count(*) FILTER (WHERE status = 'failed') AS failed
    FROM fleet.procrastinate_jobs WHERE task_name = 'crawl'"""

# the oldest job has the smallest number
OLDEST = """
    SELECT extract(epoch FROM now() - max(event.at))::float FROM fleet.procrastinate_events AS event
    WHERE event.job_id = (SELECT min(id) FROM fleet.procrastinate_jobs
                          WHERE status = 'todo' AND task_name = 'crawl'
                            AND (scheduled_at IS NULL OR scheduled_at <= now()))"""
