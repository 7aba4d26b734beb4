# SPDX-License-Identifier: Apache-2.0
import asyncio

from giamsat_collector.console.broadcast import News


async def test_everybody_who_waits_is_woken_by_one_publication():
    news = News()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        waiting = [group.create_task(news.wait(0, 60)) for _ in range(3)]
        await asyncio.sleep(0)
        news.publish()

    assert [task.result() for task in waiting] == [1, 1, 1]


async def test_news_from_before_are_heard_at_once():
    news = News()
    news.publish()
    news.publish()

    assert await news.wait(0, 60) == 2


async def test_without_news_the_wait_ends_by_itself():
    assert await News().wait(0, 0.001) == 0


async def test_closing_ends_every_wait_and_rest():
    news = News()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        waiting = group.create_task(news.wait(0, 60))
        await asyncio.sleep(0)
        news.close()
    await news.rest(60)

    assert waiting.result() == 0
    assert news.closed
