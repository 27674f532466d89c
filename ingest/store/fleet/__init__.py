"""The queue of several machines, on procrastinate's tables.

queue.py     the queue; queue_questions.py its queries; queue_values.py what it answers with
"""
